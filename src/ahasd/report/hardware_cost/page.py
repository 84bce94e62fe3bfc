"""The page of the documentation about the hardware: diagram, registers, widths, errors, areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.report.hardware_cost.cost import cost_text, synthesis_text
from ahasd.report.hardware_cost.texts import AAU, EQUIVALENCE, HEAD, WIDTHS
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left
from ahasd.rtl.aau.errors import FunctionError
from ahasd.rtl.latencies import aau_operator_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.cost import HardwareCost
from ahasd.rtl.synthesis.die_share import DieShare, die_share
from ahasd.rtl.synthesis.power import PIM_CLOCK_HZ
from ahasd.rtl.synthesis.published import DIES_MM2
from ahasd.rtl.synthesis.scaling import UTILISATION
from ahasd.rtl.synthesis.timing import EDC_DECISION, RANK_SWITCH, TVC_DECISION, latencies, longest_paths
from ahasd.rtl.top.registers import REGISTERS, Interrupt


@dataclass(frozen=True, slots=True)
class LayerErrors:
    """What the AAU does to a real model, and what rounding to 8 bits alone does (one scale per tensor).

    Attributes
    ----------
    aau, rounded
        Relative error of what each layer adds to its input.
    same_token, same_token_rounded
        Share of positions whose most likely next token stays.
    """

    aau: tuple[float, ...]
    rounded: tuple[float, ...]
    same_token: float
    same_token_rounded: float


@dataclass(frozen=True, slots=True)
class SimulatedLatencies:
    """What the simulator charges by default, seconds: a decision, a rank switch, a vector operator's latency."""

    decision_s: float
    switch_s: float
    aau_s: float


def hardware_page(
    cost: HardwareCost,
    die_mm2: float,
    instances: str,
    fractions: Sequence[tuple[int, float, float, int]],
    tables: Sequence[FunctionError],
    operations: Sequence[FunctionError],
    layers: LayerErrors,
    simulated: SimulatedLatencies,
) -> str:
    """Lay the page out.

    Parameters
    ----------
    instances
        Tree of the Verilog modules.
    fractions
        As of ``width_analysis.fraction_rows``.
    tables, operations
        Errors of the look-ups and of whole operations.
    """
    interrupts = ", ".join(flag.name.lower().replace("_", " ") for flag in Interrupt if flag.name)
    parts = [
        f"{HEAD}{instances}```\n",
        EQUIVALENCE,
        "## Latencies\n",
        latencies_table(cost.parameters).markdown(aligned=True),
        _charged(cost.parameters, simulated),
        WIDTHS,
        _fractions_table(fractions).markdown(aligned=True),
        AAU,
        _table_errors(tables).markdown(aligned=True),
        _operation_errors(operations).markdown(aligned=True),
        _layers(layers),
        "## Registers\n",
        registers_table().markdown(aligned=True),
        f"Interrupts, from bit 0: {interrupts}. *Queue refused* is also a sample that came while one waited, *fault* "
        "a verdict on no batch or a sample of no length.\n",
        "## Synthesis\n",
        f"```text\n{synthesis_text(cost.modules)}```\n",
        "## Area, published figures, power\n",
        f"```text\n{cost_text(cost, die_mm2)}```\n",
        "What of the published areas holds:\n",
        "".join(f"- {line}\n" for line in _verdicts(cost)),
        _whole(cost),
        _clock(cost),
    ]
    return wrapped("\n".join(parts))


def latencies_table(parameters: HardwareParameters) -> Table:
    """What the controllers' answers and the AAU's operations take."""
    rows = [(one.name, str(one.cycles), f"{one.seconds * 1e9:.2f} ns") for one in latencies(parameters)]
    return Table(left("", "PIM cycles", "at 800 MHz"), rows)


def registers_table() -> Table:
    """The control block as its core sees it."""
    rows = [(f"0x{r.offset:02X}", f"`{r.name}`", r.access.value, str(r.bits), r.meaning) for r in REGISTERS]
    return Table(left("offset", "name", "access", "bits", "meaning"), rows)


def _charged(parameters: HardwareParameters, simulated: SimulatedLatencies) -> str:
    taken = {one.name: one.seconds for one in latencies(parameters)}
    mean = aau_operator_cycles(parameters)
    return (
        "The tests hold these against the hardware, and the simulator's defaults against these. It charges "
        f"{simulated.decision_s * 1e9:.2f} ns for a decision (`cpu.decision_us`; EDC and then TVC need "
        f"{(taken[EDC_DECISION] + taken[TVC_DECISION]) * 1e9:.2f} ns), {simulated.switch_s * 1e9:.2f} ns for a rank "
        f"switch (`pim.gate_switch_cycles`; {taken[RANK_SWITCH] * 1e9:.2f} ns), and {simulated.aau_s * 1e9:.2f} ns "
        "for a vector operator in the AAU beyond its element operations (`aau.latency_cycles`; the mean over a "
        f"layer's two norms, softmax and four others is {mean} cycles, {mean / PIM_CLOCK_HZ * 1e9:.2f} ns). So "
        "switching below 1 µs holds, for clock-gated ranks that have drained: the operation under way is finished "
        "first, and is charged apart.\n"
    )


def _fractions_table(fractions: Sequence[tuple[int, float, float, int]]) -> Table:
    rows = [
        (str(bits), f"{buckets:.2%}", f"{answers:.3%}", str(most))
        for bits, buckets, answers, most in fractions
    ]
    return Table(left("fraction bits", "changed buckets", "changed answers", "largest change of n"), rows)


def _table_errors(errors: Sequence[FunctionError]) -> Table:
    rows = [(row.name, row.arguments, f"{row.largest:.2g}", f"{row.mean:.2g}") for row in errors]
    return Table(left("table", "over", "largest error", "mean"), rows)


def _operation_errors(errors: Sequence[FunctionError]) -> Table:
    rows = []
    for row in errors:
        assert row.largest_steps is not None, "an operation has a result of 8 bits"
        assert row.mean_steps is not None, "an operation has a result of 8 bits"
        steps = f"{row.largest_steps:.2f}", f"{row.mean_steps:.2f}"
        rows.append((row.name, row.arguments, f"{row.largest:.2g}", f"{row.mean:.2g}", *steps))
    return Table(left("operation", "over", "largest error", "mean", "largest, steps", "mean"), rows)


def _layers(layers: LayerErrors) -> str:
    def shares(errors: tuple[float, ...]) -> str:
        return ", ".join(f"{error:.1%}" for error in errors)

    return (
        "The tiny target (width 128) on a text that it wrote itself: with softmax, SiLU and the norms of the AAU, "
        f"what its layers add to their input changes by {shares(layers.aau)} (root mean square, each layer given "
        f"the exact input). With all of them the most likely next token stays at {layers.same_token:.0%} of the "
        "positions. For comparison, exact functions between values rounded to 8 bits, with one scale per tensor "
        f"where the AAU is given one per row: {shares(layers.rounded)}, and {layers.same_token_rounded:.0%}.\n"
    )


def _verdicts(cost: HardwareCost) -> list[str]:
    """On the shares of the published dies, and on the areas of the blocks."""
    lines = []
    for die in DIES_MM2:
        share = die_share(cost, die)
        lines.append(
            f"Overhead on {die:g} mm²: {share.cells:.1%} in cells by the main rule, {share.placed:.1%} placed at "
            f"{UTILISATION:.0%} utilisation; below 3 % holds for {_those_below(share)}."
        )
    for block in cost.blocks:
        if block.published:
            one = f" if it stands for all {block.instances}; one is {block.one_mm2:.3f} mm²"
            lines.append(
                f"{block.name}, {block.published.paper_mm2:g} mm²: {block.verdict(block.published.paper_mm2)}"
                f"{one if block.instances > 1 else ''}."
            )
    return lines


def _whole(cost: HardwareCost) -> str:
    return (
        f"The AAU is {cost.aau_share:.0%} of the area, and the paper puts one into each rank: the sum above is over "
        "all ranks and is set against one die, as the paper does, though ranks are dies of their own and DRAM "
        "processes are less dense than the logic process assumed here. Wires, clock trees, pads and test logic are "
        "in none of these figures.\n"
    )


def _clock(cost: HardwareCost) -> str:
    paths = "; ".join(
        f"{path.transistors} transistors {'hold' if path.holds else 'do NOT hold'} {PIM_CLOCK_HZ * 1e-6:.0f} MHz "
        f"({path.cycles:.1f} cycles for the longest path, of {cost.slowest.name})"
        for path in longest_paths(cost.slowest)
    )
    return (
        "The clock. Delays are scaled with the polynomials of Stillmaker and Baas for 32 nm "
        "(Integration 58, 2017), at 0.9 V for high-performance and 1.0 V for low-power transistors, which are what a "
        f"memory process resembles. Without wires: {paths}.\n"
    )


def _those_below(share: DieShare) -> str:
    if not share.cells_below:
        return "neither"
    return "both" if share.placed_below else "the cells only"
