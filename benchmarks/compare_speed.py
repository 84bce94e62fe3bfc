"""What a simulated token costs, how that grows, and how long a whole comparison takes.

Run with ``python benchmarks/compare_speed.py``; ``--all`` adds the whole of ``ahasd compare --all``. Growth is given
as ratios measured in one run. CPU time counts, of worker processes too: it is what two idle cores would share.
"""

import gc
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import process_time

from ahasd.experiments.carry_out import Running
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.store.store import Store
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun
from support.figures import Figure, show
from support.yardstick import yardstick_s

REPEATS = 7
#: The tiny pair has positions for long texts, and its steps are events like any others.
PAIR, TRACE = "tiny-draft:tiny-target", "synthetic:acceptance=0.8,auc=0.7"
#: Drafts of one token, nearly all accepted, by a drafter without control: only the queue's depth stops it.
FULL_QUEUE, AGREEING = "npu-pim-async+aau", "synthetic:acceptance=0.99,auc=0.7"
TOKENS, DRAFT_LENGTHS, DEPTHS = (1024, 4096, 16384), (2, 4, 8, 16), (4, 16, 64)
#: Of a whole comparison on two cores.
TARGET_S, TARGET_MB, WORKERS = 25.0, 1000.0, 2


def microseconds(system: str, tokens: int, length: int, depth: int | None = None) -> tuple[float, float]:
    """Median CPU microseconds for each emitted and for each drafted token, step costs known."""
    asked = RunConfiguration.checked(
        system=system,
        algorithm=f"fixed:{length}",
        pair=PAIR,
        tokens=tokens,
        trace=TRACE if depth is None else AGREEING,
        set=() if depth is None else (f"system.queues.unverified_drafts={depth}",),
    )
    first = SpeculationRun(resolve(asked))
    drafted = first.outcome.ledger.drafted
    times = []
    for _ in range(REPEATS):
        run = first.with_seed(asked.seed)
        gc.collect()
        began = process_time()
        assert run.outcome.ledger.drafted == drafted
        times.append(process_time() - began)
    seconds = median(times)
    return seconds / tokens * 1e6, seconds / drafted * 1e6


def growth() -> None:
    """Cost of a token against the length of the text, of a draft, and the depth of the queue."""
    for system in ("npu", "ahasd"):
        figures = []
        base = microseconds(system, TOKENS[0], 4)[0]
        for tokens in TOKENS:
            each = microseconds(system, tokens, 4)[0]
            figures.append(Figure(f"{tokens} tokens: per token", each, "us", None, f"{each / base:.2f}x"))
        base = microseconds(system, TOKENS[0], DRAFT_LENGTHS[0])[1]
        for length in DRAFT_LENGTHS:
            each = microseconds(system, TOKENS[0], length)[1]
            remark = f"{each / base:.2f}x (linear in the draft length: 1 or less)"
            figures.append(Figure(f"drafts of {length}: per drafted token", each, "us", None, remark))
        show(f"{system}, tiny pair, fixed lengths, {REPEATS} repeats", figures)
    base, figures = microseconds(FULL_QUEUE, TOKENS[0], 1, DEPTHS[0])[1], []
    for depth in DEPTHS:
        each = microseconds(FULL_QUEUE, TOKENS[0], 1, depth)[1]
        figures.append(
            Figure(f"queue of {depth}: per drafted token", each, "us", None, f"{each / base:.2f}x")
        )
    show(f"{FULL_QUEUE}, tiny pair, fixed:1, a queue that fills", figures)


def whole() -> None:
    """A whole comparison: CPU seconds, also as the share of two idle cores, and memory."""
    yard = yardstick_s()
    before = sum(_cpu_s(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    with tempfile.TemporaryDirectory() as folder:
        grid = [choice.configuration for choice in combinations(RunConfiguration(), Selection())]
        with Store(Path(folder) / "store") as store:
            cells = run_grid(grid, range(5), Running(store, Means(WORKERS)))
    seconds = sum(_cpu_s(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)) - before
    own, worker = (getrusage(who).ru_maxrss / 1e3 for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    tokens = sum(result.tokens for cell in cells for result in cell.results)
    show(
        "ahasd compare --all --seeds 5",
        [
            Figure(
                f"CPU time over {WORKERS} cores",
                seconds / WORKERS,
                "s",
                TARGET_S,
                f"{seconds / yard:.0f} yardsticks",
            ),
            Figure("per simulated token", seconds / tokens * 1e6, "us"),
            Figure("memory, at most", own + WORKERS * worker, "MB", TARGET_MB),
        ],
    )


def _cpu_s(who: int) -> float:
    used = getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    growth()
    if "--all" in sys.argv[1:]:
        whole()
