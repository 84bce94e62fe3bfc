"""Write docs/hardware.md: synthesise the hardware, measure its errors, lay the page out.

Usage: ``python scripts/update_hardware_doc.py`` (some minutes). Needs the extra ``rtl``, yosys and the osu018 cells.
"""

import sys
from pathlib import Path

import numpy as np

from ahasd.errors import AhasdError
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import load_preset
from ahasd.report.hardware_cost.page import LayerErrors, SimulatedLatencies, hardware_page
from ahasd.rtl.aau.errors import operation_errors, table_errors
from ahasd.rtl.aau.exact_functions import relative_error
from ahasd.rtl.aau.layer import AAU, EXACT, ROUNDED, Decoder, VectorFunctions
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.cost import hardware_cost, synthesize_all
from ahasd.rtl.synthesis.instances import instance_tree
from ahasd.rtl.synthesis.modules import top_modules
from ahasd.rtl.synthesis.verilog import emit
from ahasd.rtl.synthesis.width_analysis import fraction_rows
from ahasd.rtl.synthesis.workload import controller_workload
from ahasd.traces.shipped import load_shipped

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "hardware.md"
TARGET = ROOT / "src" / "ahasd" / "decoding" / "tiny_pair" / "target" / "model.safetensors"
HEADS, TOKENS = 4, 96
FRACTION_BITS = (2, 4, 6, 8, 10)


def layer_errors() -> LayerErrors:
    """On a text of the model's own."""
    decoder = Decoder(TARGET, HEADS)
    tokens = decoder.sample(TOKENS, seed=0)
    exact = decoder.logits(tokens, EXACT).argmax(axis=1)

    def same(vector: VectorFunctions) -> float:
        return float((decoder.logits(tokens, vector).argmax(axis=1) == exact).mean())

    errors: dict[str, list[float]] = {"aau": [], "rounded": []}
    x = decoder.embed(tokens)
    for number in range(decoder.layers):
        left = decoder.layer(x, number, EXACT)
        for name, vector in (("aau", AAU), ("rounded", ROUNDED)):
            errors[name].append(relative_error(decoder.layer(x, number, vector) - x, left - x))
        x = left
    return LayerErrors(tuple(errors["aau"]), tuple(errors["rounded"]), same(AAU), same(ROUNDED))


def simulated_latencies() -> SimulatedLatencies:
    """Of the default preset."""
    hardware = load_preset(DEFAULT_PRESET).hardware
    pim, aau = hardware.require_pim(), hardware.require_aau()
    cycle_s = 1 / (pim.clock_ghz * 1e9)
    return SimulatedLatencies(
        hardware.cpu.decision_us * 1e-6, pim.gate_switch_cycles * cycle_s, aau.latency_cycles * cycle_s
    )


def main() -> None:
    """Compute and write."""
    parameters = HardwareParameters()
    tops = top_modules(parameters)
    modules, workload = synthesize_all(parameters), controller_workload()
    cost = hardware_cost(parameters, modules, 28, workload.batches, workload.decisions_per_second)
    page = hardware_page(
        cost,
        50.0,
        instance_tree(emit(tops), tops),
        fraction_rows(load_shipped("tiny-distilled-sampled").entropy.astype(np.float64), FRACTION_BITS),
        table_errors(),
        operation_errors(),
        layer_errors(),
        simulated_latencies(),
    )
    DOCUMENT.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except AhasdError as error:
        sys.exit(f"error: {error}")
