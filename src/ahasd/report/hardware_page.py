"""The page of the documentation about the hardware: diagram, registers, widths, errors, areas."""

from collections.abc import Sequence

from ahasd.report.hardware_cost import cost_text, latency_rows, synthesis_text
from ahasd.rtl.cost import DIES_MM2, MOST_OVERHEAD, HardwareCost
from ahasd.rtl.error_analysis import FunctionError
from ahasd.rtl.registers import REGISTERS, Interrupt
from ahasd.rtl.scaling import UTILISATION

_HEAD = """\
# The controllers as hardware

Written by `python scripts/update_hardware_doc.py`, which synthesises everything anew. The source is
`src/ahasd/rtl/` (Amaranth); `ahasd rtl emit --output DIR` writes it as Verilog, `ahasd rtl synth` and `ahasd cost`
compute the figures below. Sizes are the paper's (arXiv 2604.25326) or, where it gives none, those of the authors'
repository; `--set` changes them.

```text
   PIM, drafting                                                          NPU, verifying
   token entropies │ batch end                                   batches ▲      │ verdicts
                   ▼                                                     │      ▼
 ┌─ controller ────────────────────────────────────────────────────────────────────────────┐
 │  EDC: bucket of the mean ─► LEHT / LCEHT, LLR ─► pattern table        unverified   feedback│
 │   │ index, bucket and decision travel with the batch ──────────────────► queue ──► queue ─┐│
 │   │ stop                     ▲ train the carried index, commit or roll back ──────────────┘│
 │   ▼                          │                                                           │
 │  task scheduler ─ ask ─► TVC: ratios of NVCT, PDCT, PVCT; one multiply-divide unit         │
 │   │ n ≥ 1                                                                                │
 │   ├─► pre-verification queue ─► PIM                                                       │
 │   └─► rank gate ─► clock enables of the ranks (break before make)                         │
 │  control block: registers, counters, queue depths, poll timers, interrupts ◄──► core's bus│
 └──────────────────────────────────────────────────────────────────────────────────────────┘
 AAU, one in every rank: 16 lanes (scale ─► look up ─► multiply ─► gain and bias), sums and maximum over
 the lanes, a divider and a square root that work once per vector
```

## Equivalence

`system.edc_options.arithmetic=fixed` and `system.tvc_options.arithmetic=fixed` make the simulator's own classes
compute in the integers of the hardware. The tests play random stimuli and what simulated runs did to both, in
Amaranth's simulator and, from the emitted Verilog, in Icarus: every index, decision and n must be the same.

- EDC. A token adds its entropy to one sum and H_max to another; the bucket of the mean is three steps of a restoring
  division of the two, so no length of a batch is divided by. The counters are written once after a reset (512
  cycles).
- TVC. One adder multiplies by shift and add and divides by restoring, a bit per cycle, exactly. A table of
reciprocals
  would be approximate, so n could differ by one, and takes a multiplier of 40 x 16 bits: 640 full adders, 77,000 µm²
  in osu018, a third of all of TVC. Powers of two do not fit the lengths. Only the few bits of n are computed.
- Rank switch. Clock gates: drain, one cycle with everything gated, enable, settle. Power gates would take longer.
- The queues hold descriptors (place, length, prediction), not token numbers, which lie in memory.
"""

_WIDTHS = """\
## Widths

Entropies are words of 4 + 8 bits, cycles of 32, lengths of 16, ratios of cycles to length of 32 + 8. Below: the
share of four-token batches of the shipped trace whose bucket differs from that of floats, and of TVC's answers to
4000 drawn questions (contexts of 128 to 4096).

| fraction bits | changed buckets | changed answers | largest change of n |
|---|---|---|---|
"""

_AAU = """\
## AAU

8-bit numbers in and out. Softmax is three passes over the vector (maximum; exponents and their sum; product with the
reciprocal), a norm two, an activation one. 2^-f, and what GELU and SiLU lie below max(x, 0), are 32 straight pieces
with their errors balanced; the tests hold the hardware against the same arithmetic in integers, bit for bit.
"""


def hardware_page(
    cost: HardwareCost,
    die_mm2: float,
    fractions: Sequence[tuple[int, float, float, int]],
    tables: Sequence[FunctionError],
    operations: Sequence[FunctionError],
    layer_errors: tuple[float, float],
    simulated: tuple[float, float],
) -> str:
    """Lay the page out.

    Parameters
    ----------
    fractions
        As of ``error_analysis.fraction_rows``.
    tables, operations
        Errors of the look-ups, absolute, and of whole operations, in steps of the output.
    layer_errors
        Relative error of what the first layer of the tiny target adds: with the AAU, and with exact functions between
        values rounded to 8 bits with one scale per tensor.
    simulated
        Seconds that the simulator charges by default for a decision and for a rank switch.
    """
    parts = [_HEAD, "## Latencies\n", *_latencies(cost, simulated), "", _WIDTHS.rstrip("\n")]
    parts += [
        f"| {bits} | {buckets:.2%} | {answers:.3%} | {most} |" for bits, buckets, answers, most in fractions
    ]
    parts += [
        "",
        _AAU,
        *_errors("table", "absolute error", tables),
        "",
        *_errors("operation", "steps", operations),
    ]
    parts += [
        "",
        "The first layer of the tiny target (random tokens, width 128): with softmax, SiLU and the norms of the AAU, "
        f"what the layer adds changes by {layer_errors[0]:.1%} (root mean square). For comparison, exact functions "
        "between values rounded to 8 bits, with one scale per tensor where the AAU is given one per row, "
        "change it by "
        f"{layer_errors[1]:.1%}; a whole operation of the AAU is within a step of its 8-bit output.",
        "",
        "## Registers\n",
        "| offset | name | access | bits | meaning |\n|---|---|---|---|---|",
        *(
            f"| 0x{r.offset:02X} | `{r.name}` | {r.access.value} | {r.bits} | {r.meaning} |"
            for r in REGISTERS
        ),
        "",
        "Interrupts, from bit 0: "
        + ", ".join(flag.name.lower().replace("_", " ") for flag in Interrupt if flag.name)
        + ".",
        "",
        "## Synthesis\n",
        f"```text\n{synthesis_text(cost.modules)}```\n",
        "## Area, published figures, power\n",
        f"```text\n{cost_text(cost, die_mm2)}```\n",
        *_claims(cost),
    ]
    return "\n".join(parts) + "\n"


def _latencies(cost: HardwareCost, simulated: tuple[float, float]) -> list[str]:
    decision, switch = simulated
    lines = ["| | PIM cycles | at 800 MHz |\n|---|---|---|"]
    lines += [
        f"| {name} | {cycles} | {seconds * 1e9:.2f} ns |"
        for name, cycles, seconds in latency_rows(cost.parameters)
    ]
    taken = {name: seconds for name, _, seconds in latency_rows(cost.parameters)}
    both = taken["EDC decision"] + taken["TVC decision"]
    lines.append(
        f"\nBy default the simulator charges {decision * 1e9:.2f} ns for a decision (`cpu.decision_us`) and "
        f"{switch * 1e9:.2f} ns for a rank switch (`pim.gate_switch_cycles`). The hardware needs "
        f"{both * 1e9:.2f} ns, "
        f"EDC and then TVC, and {taken['rank switch'] * 1e9:.2f} ns. So switching below 1 µs holds, for clock-gated "
        "ranks that have drained: the operation that is under way is finished first, and is charged apart."
    )
    return lines


def _errors(kind: str, unit: str, rows: Sequence[FunctionError]) -> list[str]:
    return [
        f"| {kind} | over | largest, {unit} | mean |\n|---|---|---|---|",
        *(f"| {row.name} | {row.arguments} | {row.largest:.2g} | {row.mean:.2g} |" for row in rows),
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
            one = block.area_mm2 / block.instances
            lines.append(
                f"- {block.name}, {block.published.paper_mm2:g} mm²: {block.verdict(block.published.paper_mm2)}"
                + (
                    f" if it stands for all {block.instances}; one is {one:.3f} mm²"
                    if block.instances > 1
                    else ""
                )
                + "."
            )
    lines.append(
        "\nThe AAU is nearly all of the area, and the paper puts one into each rank: the sum above is over "
        "all ranks and "
        "is set against one die, as the paper does, though ranks are dies of their own and DRAM processes are "
        "less dense "
        "than the logic process assumed here. Wires, clock trees, pads and test logic are in none of these figures."
    )
    return lines


def _those_below(share: float) -> str:
    if share >= MOST_OVERHEAD:
        return "neither"
    return "both" if share / UTILISATION < MOST_OVERHEAD else "the cells only"
