"""The page of the documentation about the hardware: diagram, registers, widths, errors, areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.report.hardware_cost.cost import cost_text, latency_rows, synthesis_text, timing
from ahasd.report.hardware_cost.texts import AAU, EQUIVALENCE, HEAD, WIDTHS
from ahasd.rtl.aau.errors import FunctionError
from ahasd.rtl.latencies import aau_operator_cycles
from ahasd.rtl.synthesis.cost import DIES_MM2, MOST_OVERHEAD, PIM_CLOCK_HZ, HardwareCost
from ahasd.rtl.synthesis.scaling import UTILISATION
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
    parts = [f"{HEAD}{instances}```\n", EQUIVALENCE, "## Latencies\n", *_latencies(cost, simulated), ""]
    parts += [WIDTHS.rstrip("\n")]
    parts += [
        f"| {bits} | {buckets:.2%} | {answers:.3%} | {most} |" for bits, buckets, answers, most in fractions
    ]
    parts += ["", AAU, *_table_errors(tables), "", *_operation_errors(operations), "", *_layers(layers), ""]
    parts += [
        "## Registers\n",
        "| offset | name | access | bits | meaning |\n|---|---|---|---|---|",
        *(
            f"| 0x{r.offset:02X} | `{r.name}` | {r.access.value} | {r.bits} | {r.meaning} |"
            for r in REGISTERS
        ),
        "",
        "Interrupts, from bit 0: "
        + ", ".join(flag.name.lower().replace("_", " ") for flag in Interrupt if flag.name)
        + ". *Queue refused* is also a sample that came while one waited, *fault* a verdict on no batch or a "
        "sample of no length.",
        "",
        "## Synthesis\n",
        f"```text\n{synthesis_text(cost.modules)}```\n",
        "## Area, published figures, power\n",
        f"```text\n{cost_text(cost, die_mm2)}```\n",
        *_claims(cost),
    ]
    return "\n".join(parts) + "\n"


def _latencies(cost: HardwareCost, simulated: SimulatedLatencies) -> list[str]:
    lines = ["| | PIM cycles | at 800 MHz |\n|---|---|---|"]
    lines += [
        f"| {name} | {cycles} | {seconds * 1e9:.2f} ns |"
        for name, cycles, seconds in latency_rows(cost.parameters)
    ]
    taken = {name: seconds for name, _, seconds in latency_rows(cost.parameters)}
    both = taken["EDC decision"] + taken["TVC decision"]
    mean = aau_operator_cycles(cost.parameters)
    lines.append(
        "\nThe tests hold these against the hardware, and the simulator's defaults against these. It charges "
        f"{simulated.decision_s * 1e9:.2f} ns for a decision (`cpu.decision_us`; EDC and then TVC need "
        f"{both * 1e9:.2f} ns), {simulated.switch_s * 1e9:.2f} ns for a rank switch (`pim.gate_switch_cycles`; "
        f"{taken['rank switch'] * 1e9:.2f} ns), and {simulated.aau_s * 1e9:.2f} ns for a vector operator in the AAU "
        "beyond its element operations (`aau.latency_cycles`; the mean over a layer's two norms, softmax and "
        f"four others is {mean} cycles, {mean / PIM_CLOCK_HZ * 1e9:.2f} ns). So switching below 1 µs holds, for "
        "clock-gated ranks that have drained: the operation under way is finished first, and is charged apart."
    )
    return lines


def _table_errors(rows: Sequence[FunctionError]) -> list[str]:
    return [
        "| table | over | largest error | mean |\n|---|---|---|---|",
        *(f"| {row.name} | {row.arguments} | {row.largest:.2g} | {row.mean:.2g} |" for row in rows),
    ]


def _operation_errors(rows: Sequence[FunctionError]) -> list[str]:
    lines = ["| operation | over | largest error | mean | largest, steps | mean |\n|---|---|---|---|---|---|"]
    for row in rows:
        assert row.largest_steps is not None, "an operation has a result of 8 bits"
        assert row.mean_steps is not None, "an operation has a result of 8 bits"
        lines.append(
            f"| {row.name} | {row.arguments} | {row.largest:.2g} | {row.mean:.2g} | {row.largest_steps:.2f} | "
            f"{row.mean_steps:.2f} |"
        )
    return lines


def _layers(layers: LayerErrors) -> list[str]:
    def shares(errors: tuple[float, ...]) -> str:
        return ", ".join(f"{error:.1%}" for error in errors)

    return [
        "The tiny target (width 128) on a text that it wrote itself: with softmax, SiLU and the norms of the AAU, "
        f"what its layers add to their input changes by {shares(layers.aau)} (root mean square, each layer given "
        f"the exact input). With all of them the most likely next token stays at {layers.same_token:.0%} of the "
        "positions. For comparison, exact functions between values rounded to 8 bits, with one scale per tensor "
        f"where the AAU is given one per row: {shares(layers.rounded)}, and {layers.same_token_rounded:.0%}."
    ]


def _claims(cost: HardwareCost) -> list[str]:
    lines = ["What of the published areas holds:\n"]
    for die in DIES_MM2:
        share = cost.area_mm2 / die
        lines.append(
            f"- Overhead on {die:g} mm²: {share:.1%} in cells by the main rule, {share / UTILISATION:.1%} placed at "
            f"{UTILISATION:.0%} utilisation; below 3 % holds for {_those_below(share)}."
        )
    for block in cost.blocks:
        if block.published:
            one = (
                f" if it stands for all {block.instances}; one is {block.area_mm2 / block.instances:.3f} mm²"
            )
            lines.append(
                f"- {block.name}, {block.published.paper_mm2:g} mm²: {block.verdict(block.published.paper_mm2)}"
                f"{one if block.instances > 1 else ''}."
            )
    aau = sum(block.area_mm2 for block in cost.blocks if block.name == "AAU") / cost.area_mm2
    clocks = "; ".join(
        f"{kind} transistors {'hold' if path < 1 / PIM_CLOCK_HZ else 'do NOT hold'} {PIM_CLOCK_HZ * 1e-6:.0f} MHz "
        f"({path * PIM_CLOCK_HZ:.1f} cycles for the longest path, of {cost.slowest.name})"
        for kind, path in timing(cost).items()
    )
    lines.append(
        f"\nThe AAU is {aau:.0%} of the area, and the paper puts one into each rank: the sum above is over all ranks "
        "and is set against one die, as the paper does, though ranks are dies of their own and DRAM processes are "
        "less dense than the logic process assumed here. Wires, clock trees, pads and test logic are in none of "
        "these figures.\n\nThe clock. Delays are scaled with the polynomials of Stillmaker and Baas for 32 nm "
        "(Integration 58, 2017), at 0.9 V for high-performance and 1.0 V for low-power transistors, which are what a "
        f"memory process resembles. Without wires: {clocks}."
    )
    return lines


def _those_below(share: float) -> str:
    if share >= MOST_OVERHEAD:
        return "neither"
    return "both" if share / UTILISATION < MOST_OVERHEAD else "the cells only"
