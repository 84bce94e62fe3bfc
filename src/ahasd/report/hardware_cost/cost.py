"""Area, delay and power of the controllers as text."""

from collections.abc import Sequence

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.rtl.synthesis.area import BlockCost
from ahasd.rtl.synthesis.cost import HardwareCost
from ahasd.rtl.synthesis.die_share import DieShare, die_shares
from ahasd.rtl.synthesis.power import METHOD, PIM_CLOCK_HZ
from ahasd.rtl.synthesis.published import PUBLISHED_NODE_NM
from ahasd.rtl.synthesis.scaling import UTILISATION, UTILISATION_RANGE
from ahasd.rtl.synthesis.synthesis import SynthesizedModule
from ahasd.rtl.synthesis.timing import LongestPath, latencies, longest_paths


def synthesis_text(modules: Sequence[SynthesizedModule]) -> str:
    """How large all modules are, then a line for each."""
    slowest = max(modules, key=lambda module: module.longest_path_ps)
    said = (
        f"{len(modules)} modules of {sum(module.cells for module in modules)} cells in all; the longest path is "
        f"{slowest.longest_path_ps / 1000:.2f} ns ({slowest.name})."
    )
    return f"{said}\n\n" + fitted(synthesis_table(modules))


def synthesis_table(modules: Sequence[SynthesizedModule]) -> Table:
    """A row per module."""
    columns = (
        *left("module", least=34),
        *right("flip-flops", least=10),
        *right("memory bits", least=11),
        *right("generic", least=8),
        *right("cells", least=7),
        *right("area um2", least=9),
        *right("path ns", least=8),
    )
    rows = [
        (
            module.name,
            str(module.flip_flops),
            str(module.memory_bits),
            str(module.generic_cells),
            str(module.cells),
            f"{module.area_um2:.0f}",
            f"{module.longest_path_ps / 1000:.2f}",
        )
        for module in modules
    ]
    note = (
        "Cells and area in osu018 (180 nm, typical, no wires), memories built of flip-flops; longest path by abc "
        "between registers. A module does not count those listed beside it; a lane is listed once."
    )
    return Table(columns, rows, notes=(note,))


def cost_text(cost: HardwareCost, die_mm2: float) -> str:
    """Areas with their provenance, published figures and verdicts, latencies, power."""
    scaling = cost.scaling
    lines = [
        cost_sentence(cost, die_mm2),
        "",
        f"Area at {scaling.node_nm} nm: cells as synthesised by yosys in osu018 (180 nm) x "
        + "; ".join(f"{factor:.4f} ({rule})" for rule, factor in scaling.rules.items()),
        f"Main column: cells by the first rule. Range: the least rule, to the most over {UTILISATION_RANGE[0]:.0%} "
        "utilisation. Macros: memories as SRAM. Registers and memory in bits.",
        "",
        fitted(areas_table(cost)),
        *map(_die_line, die_shares(cost, die_mm2)),
        "",
        _earlier(cost),
        "",
        *_timing(cost),
        "",
        *_power(cost),
    ]
    return "\n".join(lines) + "\n"


def cost_sentence(cost: HardwareCost, die_mm2: float) -> str:
    """Say how large it all is, and how many of the published areas that bears out."""
    share = die_shares(cost, die_mm2)[0]
    published = [block for block in cost.blocks if block.published is not None]
    held = [block for block in published if block.verdict(block.published.paper_mm2).startswith("holds")]  # type: ignore[union-attr]
    text = (
        f"The controllers and AAUs take {cost.area_mm2:.4f} mm2 at {cost.scaling.node_nm} nm "
        f"({_range(*cost.range_mm2)}), {share.cells:.2%} of a die of {die_mm2:g} mm2."
    )
    return text + (f" Of {len(published)} published areas {len(held)} hold." if published else "")


def areas_table(cost: HardwareCost) -> Table:
    """A row per block, and all of them together."""
    columns = (
        *left("block", least=16),
        *right("n", least=3),
        *right("registers", least=9),
        *right("memory", least=6),
        *right("mm2", least=8),
        *left("range", least=17),
        *right("macros", least=8),
        *right("paper", least=7),
        *left("verdict"),
    )
    whole = ["all", "", "", "", f"{cost.area_mm2:.4f}", _range(*cost.range_mm2), "", "", ""]
    return Table(columns, [*map(_block_row, cost.blocks), whole])


def _block_row(block: BlockCost) -> list[str]:
    paper, verdict = "-", "nothing published"
    if block.published is not None:
        paper, verdict = f"{block.published.paper_mm2:g}", block.verdict(block.published.paper_mm2)
        if block.instances > 1:
            verdict += f"; one alone is {block.one_mm2:.3f} mm2"
    return [
        block.name,
        str(block.instances),
        str(block.register_bits),
        str(block.memory_bits),
        f"{block.area_mm2:.4f}",
        _range(block.lowest_mm2, block.highest_mm2),
        "-" if block.with_macros_mm2 is None else f"{block.with_macros_mm2:.4f}",
        paper,
        verdict,
    ]


def _range(lowest: float, highest: float) -> str:
    return f"{lowest:.4f}-{highest:.4f}"


def _die_line(share: DieShare) -> str:
    published = [
        f"; published {where}: {found:.2%} of {share.die_mm2:g} mm2"
        for where, found in share.published.items()
    ]
    return (
        f"Of a die of {share.die_mm2:g} mm2: {share.cells:.2%} (range {share.lowest:.2%}-{share.highest:.2%}; "
        f"placed at {UTILISATION:.0%} {share.placed:.2%}; with one AAU {share.one_aau:.2%})"
        + "".join(published)
    )


def _earlier(cost: HardwareCost) -> str:
    verdicts = [
        f"{block.name} {block.published.earlier_mm2:g} mm2 {block.verdict(block.published.earlier_mm2)}"
        for block in cost.blocks
        if block.published
    ]
    if not verdicts:
        return f"All that is published is for {PUBLISHED_NODE_NM} nm, so nothing is held against it here."
    return f"An earlier version of the paper: {'; '.join(verdicts)}."


def _timing(cost: HardwareCost) -> list[str]:
    taken = [
        f"{one.name} {one.cycles} cycles, {one.seconds * 1e9:.2f} ns" for one in latencies(cost.parameters)
    ]
    paths = "; ".join(map(_path_text, longest_paths(cost.slowest)))
    return [
        "At 800 MHz: " + "; ".join(taken) + ".",
        f"Longest path {cost.slowest.longest_path_ps / 1000:.2f} ns at 180 nm ({cost.slowest.name}), without wires, "
        f"flip-flop and set-up. Scaled to transistors of 32 nm by Stillmaker and Baas' delay polynomials: {paths}.",
    ]


def _path_text(path: LongestPath) -> str:
    return (
        f"{path.transistors} {path.seconds * 1e9:.2f} ns, {'within' if path.holds else 'NOT within'} the clock's "
        f"{1e9 / PIM_CLOCK_HZ:.2f} ns ({path.most_hz * 1e-6:.0f} MHz)"
    )


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
