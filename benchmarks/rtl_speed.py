"""Speed of the hardware's tests: EDC decisions in Amaranth's simulator, and the synthesis of all modules.

Run with ``python benchmarks/rtl_speed.py``. CPU time, since both compute and wait for nothing; the
decisions are those of batches of four tokens of a shipped trace, a verdict behind each, and must equal those of the
simulator's class. Without amaranth or yosys a line says what is missing.
"""

from importlib.util import find_spec
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time
from typing import Any

from ahasd.errors import AhasdError
from ahasd.speculation.control.edc.edc import EntropyDraftControl, EntropyDraftControlOptions
from ahasd.traces.shipped import load_shipped
from support.figures import Figure, show
from support.yardstick import ITEMS, yardstick_s

TRACE = "tiny-distilled-sampled"
BATCHES, TOKENS = 2000, 4
DECISIONS_PER_SECOND = 1000.0
SYNTHESIS_S = 180.0

#: The best counts: what else the machine does only takes away.
REPEATS = 5


def decisions_per_second() -> float:
    """Of EDC as hardware, per CPU second, building it included."""
    from amaranth.sim import Simulator

    from ahasd.rtl.controllers.edc import EntropyDraftController
    from ahasd.rtl.parameters import HardwareParameters

    trace = load_shipped(TRACE)
    expected, found = [], []
    edc = EntropyDraftControl(EntropyDraftControlOptions(arithmetic="fixed"))
    words = edc.options.fixed_point
    batches = [list(map(float, row)) for row in trace.entropy[:BATCHES, :TOKENS]]
    verdicts = [bool(row.all()) for row in trace.accepted[:BATCHES, :TOKENS]]
    for batch, accepted in zip(batches, verdicts, strict=True):
        mean = sum(map(edc.entropy, batch)) / TOKENS
        prediction = edc.batch_drafted(mean)
        expected.append((prediction.index, prediction.keep_drafting))
        edc.batch_verified(prediction, mean, accepted)

    began = process_time()
    dut = EntropyDraftController(HardwareParameters())

    async def bench(ctx: Any) -> None:
        tick = ctx.tick()

        async def pulse(signal: Any) -> None:
            ctx.set(signal, 1)
            await tick
            ctx.set(signal, 0)

        with ctx.critical():
            await ctx.posedge(dut.ready)
            for batch, accepted in zip(batches, verdicts, strict=True):
                ctx.set(dut.token, 1)
                for nats in batch:
                    ctx.set(dut.entropy, words.units(nats))
                    await tick
                ctx.set(dut.token, 0)
                await pulse(dut.batch)
                await ctx.posedge(dut.decided)
                _, _, prediction = await tick.sample(dut.prediction)
                found.append((prediction.index, bool(prediction.keep_drafting)))
                ctx.set(dut.judged, prediction)
                ctx.set(dut.accepted, accepted)
                await pulse(dut.verdict)
                await tick

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_process(bench)
    simulator.run()
    taken = process_time() - began
    assert found == expected, "the hardware decides otherwise than the simulator's class"
    return len(found) / taken


def synthesis_s() -> float:
    """CPU seconds of emitting and synthesising every module, here and in yosys."""
    from ahasd.rtl.parameters import HardwareParameters
    from ahasd.rtl.synthesis.cost import synthesize_all

    def used() -> float:
        children = getrusage(RUSAGE_CHILDREN)
        return process_time() + children.ru_utime + children.ru_stime

    began = used()
    synthesize_all(HardwareParameters())
    return used() - began


def main() -> None:
    """Measure and print."""
    if find_spec("amaranth") is None:
        print("\nrtl: amaranth is not installed (extra rtl)")
        return
    show(
        "The controllers as hardware, CPU time",
        [
            Figure(f"yardstick: {ITEMS:,} numbers through a heap", yardstick_s() * 1e3, "ms"),
            Figure(
                f"EDC decisions in Amaranth's simulator, best of {REPEATS}",
                max(decisions_per_second() for _ in range(REPEATS)),
                "1/s",
                at_least=DECISIONS_PER_SECOND,
            ),
        ],
    )
    try:
        show("Synthesis", [Figure("all modules, osu018, CPU", synthesis_s(), "s", SYNTHESIS_S)])
    except AhasdError as error:
        print(f"\nsynthesis: {error}")


if __name__ == "__main__":
    main()
