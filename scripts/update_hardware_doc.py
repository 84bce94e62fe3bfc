"""Write docs/hardware.md: synthesise the hardware, measure its errors, lay the page out.

Usage: ``python scripts/update_hardware_doc.py`` (some minutes). Needs the extra ``rtl``, yosys and the osu018 cells.
"""

import sys
from pathlib import Path

import numpy as np

from ahasd.errors import AhasdError
from ahasd.hardware.preset import DEFAULT_PRESET, load_preset
from ahasd.report.hardware_page import hardware_page
from ahasd.rtl import error_analysis
from ahasd.rtl.aau_layer import AAU, EXACT, ROUNDED, DecoderLayer
from ahasd.rtl.cost import hardware_cost, synthesize_all
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.workload import controller_workload
from ahasd.traces.shipped import load_shipped

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "hardware.md"
TARGET = ROOT / "src" / "ahasd" / "decoding" / "tiny_pair" / "target" / "model.safetensors"
HEADS, TOKENS = 4, 96
FRACTION_BITS = (2, 4, 6, 8, 10)


def layer_errors() -> tuple[float, float]:
    """Relative errors of what the layer adds, by the AAU and by 8 bits alone."""
    layer = DecoderLayer(TARGET, HEADS)
    x = layer.embed(np.random.default_rng(0).integers(1, 1024, TOKENS).tolist())
    exact = layer(x, EXACT) - x
    aau, rounded = (error_analysis.relative_error(layer(x, vector) - x, exact) for vector in (AAU, ROUNDED))
    return aau, rounded


def main() -> None:
    """Compute and write."""
    parameters = HardwareParameters()
    modules, workload = synthesize_all(parameters), controller_workload()
    cost = hardware_cost(parameters, modules, 28, workload.batches, workload.decisions_per_second)
    hardware = load_preset(DEFAULT_PRESET).hardware
    assert hardware.pim is not None, "the default preset has a PIM"
    simulated = (
        hardware.cpu.decision_us * 1e-6,
        hardware.pim.gate_switch_cycles / (hardware.pim.clock_ghz * 1e9),
    )
    entropies = load_shipped("tiny-distilled-sampled").entropy.astype(np.float64)
    page = hardware_page(
        cost,
        50.0,
        error_analysis.fraction_rows(entropies, FRACTION_BITS),
        error_analysis.table_errors(),
        error_analysis.operation_errors(),
        layer_errors(),
        simulated,
    )
    DOCUMENT.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except AhasdError as error:
        sys.exit(f"error: {error}")
