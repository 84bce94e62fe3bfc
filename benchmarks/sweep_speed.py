"""What a point of a sweep costs, against the code path of a comparison, and what a new machine adds.

Run with ``python benchmarks/sweep_speed.py``; CPU time throughout. Both paths run the same points of 1,024 tokens in
one process with the step costs of every machine known, and must give the same bytes. The path of a comparison is a
shelf without recall: it simulates every point and writes the documents that it then drops, as ``ahasd compare`` did
before sweeps, and Python looks for garbage as often as it likes.
"""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter, process_time

from ahasd.experiments.carry_out import Running
from ahasd.experiments.cell import without_documents
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.executors.rare_collection import rare_collection
from ahasd.experiments.shelf import Shelf
from ahasd.experiments.sweep.axis import Axis
from ahasd.experiments.sweep.definition import Sweep
from ahasd.experiments.sweep.run_sweep import run_sweep
from ahasd.speculation.configuration import Resolved, RunConfiguration, resolve
from ahasd.speculation.recall.recall import Recall
from support.figures import Figure, show

TOKENS, MACHINES = 1024, 400

#: Of the sweep of two workers, which is to take so long that their start does not count.
SEEDS = 64
LEAST_RATIO, MOST_NEW_MS, LEAST_GAIN = 6.0, 150.0, 1.8

ALGORITHMS = ("adaedl:calibrated", "fixed:4")

#: A designer's first sweep: the draft and the target in turn, on any machine.
IN_TURN = ("npu", "pim-only")
BUSES = tuple(f"memory.channel_gb_per_second={rate}" for rate in (8.5, 10.7, 12.8, 14.9, 17.1))
CLOCKS = tuple(f"npu.clock_ghz={clock}" for clock in (0.8, 1.0, 1.2, 1.4))
OTHER_TIMES = tuple(f"npu.clock_ghz={clock}" for clock in (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5))

#: Draft and target at once; energy constants over their ranges, whose time stays.
AT_ONCE = ("npu-pim-async", "ahasd")
ENERGIES = tuple(
    (f"energy.offchip_pj_per_bit={offchip}", f"energy.npu_mac_pj={mac}", f"energy.pim_mac_pj={pim}")
    for offchip, mac, pim in product((3, 4, 6, 10, 20), (0.1, 0.23, 0.3), (0.23, 0.46))
)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a sweep, by what is varied, and how much faster they are to be."""

    title: str
    machines: Sequence[tuple[str, ...]]
    systems: Sequence[str]
    algorithms: Sequence[str]
    at_least: float | None

    @property
    def resolved(self) -> list[Resolved]:
        """Looked up; machines outermost, as a sweep orders its points."""
        return [
            resolve(
                RunConfiguration.checked(
                    system=system, algorithm=algorithm, tokens=TOKENS, set=constants, hardware="module-mac"
                )
            )
            for constants in self.machines
            for system, algorithm in product(self.systems, self.algorithms)
        ]


def points_of(shelf: Shelf, points: Sequence[Resolved], documents: bool) -> tuple[list[str], float]:
    """Documents of all points, and CPU seconds of each."""
    began = process_time()
    with nullcontext() if documents else rare_collection():
        found = [
            without_documents(result).model_dump_json() if documents else result.model_dump_json()
            for resolved in points
            for result in [shelf.run(resolved, 0, documents=documents)]
        ]
    return found, (process_time() - began) / len(found)


def ratio(asked: Points) -> tuple[Figure, int, float, float]:
    """Points per CPU second, over those of the path of a comparison; points, and seconds of each on both."""
    points = asked.resolved
    shelf = Shelf(MACHINES)
    expected, _ = points_of(shelf, points, documents=True)  # step costs are known from here on
    _, before = points_of(shelf, points, documents=True)
    shelf.recall = Recall()
    found, after = points_of(shelf, points, documents=False)
    assert found == expected, "not the same bytes"
    remark = f"{len(found)} points, {before * 1e3:.1f} to {after * 1e3:.2f} ms each"
    figure = Figure(asked.title, before / after, "x", None, remark, at_least=asked.at_least)
    return figure, len(found), before, after


def ratios(asked: Sequence[Points]) -> list[Figure]:
    """Of all sweeps, and of all their points together."""
    figures, before, after = [], 0.0, 0.0
    for points in asked:
        figure, count, comparison, sweep = ratio(points)
        figures.append(figure)
        before, after = before + count * comparison, after + count * sweep
    return [*figures, Figure("all of these points", before / after, "x", None, at_least=LEAST_RATIO)]


def new_machine() -> None:
    """A machine that no worker has met, all that its verdict takes included."""
    figures = []
    kinds = {
        "another bus": "memory.channel_gb_per_second",
        "another NPU": "npu.clock_ghz",
        "another PIM": "pim.gmac_per_second",
    }
    for title, key in kinds.items():
        for system in ("npu", "ahasd"):
            shelf = Shelf(recall=Recall())
            shelf.run(resolve(RunConfiguration.checked(system=system, algorithm=ALGORITHMS[0])), 0)
            times = []
            for step in range(1, 4):
                value = {"pim.gmac_per_second": 102.4, "npu.clock_ghz": 1.0}.get(key, 12.8) * (1 + step / 7)
                resolved = resolve(
                    RunConfiguration.checked(
                        system=system, algorithm=ALGORITHMS[0], set=(f"{key}={value}",), hardware="module-mac"
                    )
                )
                began = process_time()
                shelf.run(resolved, 0, documents=False)
                times.append(process_time() - began)
            figures.append(Figure(f"{title}, {system}", median(times) * 1e3, "ms", MOST_NEW_MS))
    show("a new machine, its step costs and a run of 1024 tokens", figures)


def two_workers() -> None:
    """A sweep on two processes over one, by the CPU time that all take, and by the clock."""
    axes = [
        Axis("system", (*IN_TURN, *AT_ONCE)),
        Axis("memory.channel_gb_per_second", (8.5, 10.7, 12.8, 14.9)),
        Axis("seed", tuple(range(SEEDS))),
    ]
    sweep = Sweep({"algorithm": ALGORITHMS[0], "hardware": "module-mac"}, axes)
    cpu, wall = {}, {}
    for workers in (1, 2):
        before, began = cpu_s(), perf_counter()
        rows = run_sweep(sweep, Running(means=Means(workers)))
        cpu[workers], wall[workers] = cpu_s() - before, perf_counter() - began
    show(
        f"two workers over one, a sweep of {len(rows)} points, start and step costs included",
        [
            Figure(
                "by CPU time: what two idle cores would give",
                2 * cpu[1] / cpu[2],
                "x",
                None,
                at_least=LEAST_GAIN,
            ),
            Figure("by the clock", wall[1] / wall[2], "x", None),
        ],
    )


def cpu_s() -> float:
    """CPU seconds of this process and of those that it has ended."""
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    machines = [(bus, clock) for bus, clock in product(BUSES, CLOCKS)]
    asked = [
        Points("in turn (npu, pim-only), 20 machines", machines, IN_TURN, ALGORITHMS, LEAST_RATIO),
        Points("at once (npu-pim-async, ahasd), 30 energies", ENERGIES, AT_ONCE, ALGORITHMS[:1], LEAST_RATIO),
        Points(
            "at once, 8 clocks: nothing repeats",
            [(clock,) for clock in OTHER_TIMES],
            AT_ONCE,
            ALGORITHMS[:1],
            None,
        ),
    ]
    show(
        "points per CPU second over those of a comparison, step costs known",
        ratios(asked),
    )
    new_machine()
    if "--quick" not in sys.argv[1:]:
        two_workers()
