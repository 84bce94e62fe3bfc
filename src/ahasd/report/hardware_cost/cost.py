"""Area, delay and power of the controllers as text."""

from collections.abc import Sequence

from ahasd.rtl.latencies import (
    aau_elementwise_cycles,
    aau_norm_cycles,
    aau_softmax_cycles,
    edc_decision_cycles,
    rank_switch_cycles,
    tvc_decision_cycles,
    tvc_update_cycles,
)
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.cost import DIES_MM2, METHOD, PIM_CLOCK_HZ, BlockCost, HardwareCost
from ahasd.rtl.synthesis.published import PUBLISHED_NODE_NM
from ahasd.rtl.synthesis.scaling import UTILISATION, UTILISATION_RANGE, delay_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule


def latency_rows(parameters: HardwareParameters) -> list[tuple[str, int, float]]:
    """Name, PIM cycles, seconds at 800 MHz."""
    rows = (
        ("EDC decision", edc_decision_cycles(parameters)),
        ("TVC decision", tvc_decision_cycles(parameters)),
        ("TVC table update", tvc_update_cycles(parameters)),
        ("rank switch", rank_switch_cycles(parameters)),
        ("AAU layer norm beyond its 2 passes", aau_norm_cycles(parameters)),
        ("AAU softmax beyond its 3 passes", aau_softmax_cycles(parameters)),
        ("AAU activation beyond its pass", aau_elementwise_cycles()),
    )
    return [(name, cycles, cycles / PIM_CLOCK_HZ) for name, cycles in rows]


def synthesis_text(modules: Sequence[SynthesizedModule]) -> str:
    """A line per module."""
    lines = [
        f"{'module':34} {'flip-flops':>10} {'memory bits':>11} {'generic':>8} {'cells':>7} {'area um2':>9} "
        f"{'path ns':>8}"
    ]
    lines += [
        f"{module.name:34} {module.flip_flops:10} {module.memory_bits:11} {module.generic_cells:8} "
        f"{module.cells:7} {module.area_um2:9.0f} {module.longest_path_ps / 1000:8.2f}"
        for module in modules
    ]
    lines.append(
        "Cells and area in osu018 (180 nm, typical, no wires), memories built of flip-flops; longest path by "
        "abc between "
        "registers. A module does not count those listed beside it; a lane is listed once."
    )
    return "\n".join(lines) + "\n"


def cost_text(cost: HardwareCost, die_mm2: float) -> str:
    """Areas with their provenance, published figures and verdicts, latencies, power."""
    scaling = cost.scaling
    lowest, highest = cost.range_mm2
    lines = [
        f"Area at {scaling.node_nm} nm: cells as synthesised by yosys in osu018 (180 nm) x "
        + "; ".join(f"{factor:.4f} ({rule})" for rule, factor in scaling.rules.items()),
        f"Main column: cells by the first rule. Range: the least rule, to the most over {UTILISATION_RANGE[0]:.0%} "
        "utilisation. Macros: memories as SRAM. Registers and memory in bits.",
        "",
        f"{'block':16} {'n':>3} {'registers':>9} {'memory':>6} {'mm2':>8}  {'range':17} {'macros':>8} "
        f"{'paper':>7}  verdict",
    ]
    lines += [_line(block) for block in cost.blocks]
    lines += [
        f"{'all':16} {'':3} {'':9} {'':6} {cost.area_mm2:8.4f}  {_range(lowest, highest)}",
        "",
        *_shares(cost, die_mm2),
        "",
        *_earlier(cost),
        *_latencies(cost),
        "",
        *_power(cost),
    ]
    return "\n".join(lines) + "\n"


def _earlier(cost: HardwareCost) -> list[str]:
    verdicts = [
        f"{block.name} {block.published.earlier_mm2:g} mm2 {block.verdict(block.published.earlier_mm2)}"
        for block in cost.blocks
        if block.published
    ]
    if not verdicts:
        return [
            f"All that is published is for {PUBLISHED_NODE_NM} nm, so nothing is held against it here.",
            "",
        ]
    return [f"An earlier version of the paper: {'; '.join(verdicts)}.", ""]


def _line(block: BlockCost) -> str:
    macros = "-" if block.with_macros_mm2 is None else f"{block.with_macros_mm2:.4f}"
    paper = f"{block.published.paper_mm2:g}" if block.published else "-"
    verdict = block.verdict(block.published.paper_mm2) if block.published else "nothing published"
    if block.instances > 1 and block.published:
        verdict += f"; one alone is {block.area_mm2 / block.instances:.3f} mm2"
    return (
        f"{block.name:16} {block.instances:3} {block.register_bits:9} {block.memory_bits:6} {block.area_mm2:8.4f}  "
        f"{_range(block.lowest_mm2, block.highest_mm2):17} {macros:>8} {paper:>7}  {verdict}"
    )


def _range(lowest: float, highest: float) -> str:
    return f"{lowest:.4f}-{highest:.4f}"


def _shares(cost: HardwareCost, die_mm2: float) -> list[str]:
    lowest, highest = cost.range_mm2
    lines = []
    for die in dict.fromkeys((die_mm2, *DIES_MM2)):
        published = [
            f"{name}: {share:.2%} of {die:g} mm2" for name, share in cost.published_shares(die).items()
        ]
        lines.append(
            f"Of a die of {die:g} mm2: {cost.area_mm2 / die:.2%} (range "
            f"{lowest / die:.2%}-{highest / die:.2%}; placed at "
            f"{UTILISATION:.0%} {cost.area_mm2 / UTILISATION / die:.2%}; with one AAU {cost.one_aau_mm2 / die:.2%})"
            + (f"; published {published[0]}" if published else "")
        )
    return lines


def _latencies(cost: HardwareCost) -> list[str]:
    rows = [
        f"{name} {cycles} cycles, {seconds * 1e9:.2f} ns"
        for name, cycles, seconds in latency_rows(cost.parameters)
    ]
    paths = timing(cost)
    kinds = "; ".join(
        f"{kind} {path * 1e9:.2f} ns, {'within' if path < 1 / PIM_CLOCK_HZ else 'NOT within'} the clock's "
        f"{1e9 / PIM_CLOCK_HZ:.2f} ns ({1e-6 / path:.0f} MHz)"
        for kind, path in paths.items()
    )
    return [
        "At 800 MHz: " + "; ".join(rows) + ".",
        f"Longest path {cost.slowest.longest_path_ps / 1000:.2f} ns at 180 nm ({cost.slowest.name}), without wires, "
        f"flip-flop and set-up. Scaled to transistors of 32 nm by Stillmaker and Baas' delay polynomials: {kinds}.",
    ]


def timing(cost: HardwareCost) -> dict[str, float]:
    """Longest path in seconds by the kind of transistors of 32 nm."""
    return {
        kind: cost.slowest.longest_path_ps * 1e-12 * delay_factor(kind)
        for kind in ("high performance", "low power")
    }


def _power(cost: HardwareCost) -> list[str]:
    power = cost.power
    return [
        f"Power, {METHOD}:",
        f"  controller {power.energy_per_batch_j * 1e12:.0f} pJ per draft batch; at {power.decisions_per_second:.1f} "
        f"batches/s of the simulated run of ahasd {power.controller_w * 1e9:.2g} nW with its clock gated, "
        f"{power.controller_ungated_w * 1e3:.2g} mW with its clock always on",
        f"  AAU {power.aau_streaming_w * 1e3:.2g} mW per rank while it streams",
        f"  bits that change in a cycle: controller {power.controller_activity:.1%}, AAU {power.aau_activity:.1%}",
    ]
