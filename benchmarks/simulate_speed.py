"""Speed of a simulation whose step costs are known, and how it grows with the tokens.

Run with ``python benchmarks/simulate_speed.py``. Every time is also given as a ratio to a fixed piece of plain
Python measured in the same run. A simulation computes on one core and waits for nothing, so CPU time is what it
takes on an idle machine, whatever else this one does.
"""

import gc
from statistics import median
from time import process_time

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun
from support.figures import Figure, show
from support.yardstick import ITEMS, yardstick_s

#: In full detail, with both sides slowing each other down; 50 ms was the target of the first, simpler schedules.
TARGET_MS = 100.0
COLD_TARGET_S = 1.0
COLD_PAIRS = ("opt-1.3b:opt-6.7b", "llama2-7b:llama2-13b", "palm-like-8b:palm-like-30b")
REPEATS = 9
LENGTHS = (1024, 4096, 16384)
#: Context that LLaMA2 has positions for; longer runs use the tiny pair, whose steps are events like any others.
PAIR, LONG_PAIR = "llama2-7b:llama2-13b", "tiny-draft:tiny-target"
TRACE = "synthetic:acceptance=0.8,auc=0.7"
CASES = (
    ("npu", "fixed:4"),
    ("npu", "adaedl"),
    ("npu-pim-async+aau", "adaedl"),
    ("ahasd", "adaedl"),
    ("ahasd", "fixed:4"),
)


def outcome_ms(system: str, algorithm: str, pair: str, tokens: int) -> float:
    """Median CPU milliseconds of a run's schedule on a machine that has run before."""
    resolved = resolve(
        RunConfiguration.checked(system=system, algorithm=algorithm, pair=pair, tokens=tokens, trace=TRACE)
    )
    first = SpeculationRun(resolved)
    assert first.outcome.ledger.emitted >= tokens
    times = []
    for seed in range(REPEATS):
        run = first.with_seed(seed)
        gc.collect()
        began = process_time()
        assert run.outcome.ledger.emitted >= tokens
        times.append((process_time() - began) * 1e3)
    return median(times)


def cold_s(pair: str, hardware: str) -> float:
    """CPU seconds from names to the end of a first run of 1024 tokens whose step costs nothing knows yet."""
    gc.collect()
    began = process_time()
    configuration = RunConfiguration.checked(
        pair=pair, hardware=hardware, algorithm="adaedl:calibrated", trace=TRACE
    )
    assert SpeculationRun(resolve(configuration)).outcome.ledger.complete
    return process_time() - began


def main() -> None:
    """Measure and print."""
    cold = [
        Figure(f"{hardware}, {pair}", cold_s(pair, hardware), "s", COLD_TARGET_S)
        for hardware in ("module-mac", "rank-both")
        for pair in COLD_PAIRS
    ]
    show("a new configuration of ahasd, 1024 tokens", cold)

    figures = [Figure(f"yardstick: {ITEMS:,} numbers through a heap", yardstick_s() * 1e3, "ms")]
    for system, algorithm in CASES:
        yard = yardstick_s() * 1e3  # beside each case: a shared machine does not keep its pace
        milliseconds = outcome_ms(system, algorithm, PAIR, 1024)
        remark = f"{milliseconds / yard:.2f} yardsticks"
        figures.append(Figure(f"{system}, {algorithm}", milliseconds, "ms", TARGET_MS, remark))
    show(f"1024 tokens with step costs known, median of {REPEATS}", figures)

    growth = []
    for system in ("npu", "ahasd"):
        per_token = {n: outcome_ms(system, "fixed:4", LONG_PAIR, n) / n * 1e3 for n in LENGTHS}
        for tokens, microseconds in per_token.items():
            ratio = microseconds / per_token[LENGTHS[0]]
            growth.append(
                Figure(f"{system}, {tokens} tokens: per token", microseconds, "us", None, f"{ratio:.2f}x")
            )
        last = per_token[LENGTHS[-1]] / per_token[LENGTHS[0]]
        growth.append(
            Figure(f"{system}: per token, {LENGTHS[-1]} over {LENGTHS[0]} (linear: 1)", last, "x", 1.5)
        )
    show("Growth with the tokens, tiny pair, fixed:4", growth)


if __name__ == "__main__":
    main()
