"""What handing runs out costs: overhead per cell, two workers over one, memory of a worker, and the store.

Run with ``python benchmarks/scale_speed.py``; ``--dask`` adds the overhead on a local Dask cluster. The overhead is
measured with cells that sleep, so that it shows also where the cores have other work; what two workers gain is
measured with cells that compute, against the same on one, and is worth as much as the machine is idle.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.executors.batch import Figures, Task
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.executors.engine import Engine
from ahasd.experiments.grid import run_grid
from ahasd.experiments.look_up import look_up
from ahasd.experiments.run_task import run_task, without_files
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.store.row import Labels, Row
from ahasd.experiments.store.store import Store
from ahasd.speculation.configuration import RunConfiguration
from support.figures import Figure, show

#: A short run takes 10 ms; a document is as long as one's.
CELL_S, CELLS, DOCUMENT = 0.010, 1500, "x" * 4000
MOST_OVERHEAD, LEAST_GAIN, MOST_MB = 0.10, 1.8, 300.0


def sleep(seconds: float) -> Figures:
    """A cell that takes time and no work."""
    time.sleep(seconds)
    return Figures(DOCUMENT)


def compute(seconds: float) -> Figures:
    """A cell that takes work: of so much CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return Figures(DOCUMENT)


def memory(_: float) -> Figures:
    """What this worker has used at most, in kilobytes (`getrusage` would count the process that started it)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return Figures(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def tasks(function: object, count: int = CELLS, machines: int = 20) -> list[Task]:
    """Cells of so many machines."""
    size = count // machines
    return [
        Task(f"{function}{n}", f"m{n // size}", function, (CELL_S,), Labels("benchmark"))  # type: ignore[arg-type]
        for n in range(count)
    ]


def seconds_of(cells: list[Task], means: Means) -> tuple[float, float]:
    """Wall seconds of cells on a store of their own: the first tenth, which starts the workers, and the rest."""
    moments: list[float] = []

    def watch(done: int, total: int) -> None:
        if not moments and done >= total // 10:
            moments.extend([time.perf_counter(), done])

    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store") as store:
        began = time.perf_counter()
        carry_out(cells, Running(store, means, progress=watch))
        ended = time.perf_counter()
    share = (len(cells) - moments[1]) / len(cells)
    return moments[0] - began, (ended - moments[0]) / share


def overhead(engines: list[tuple[str, Means]]) -> None:
    """Wall time of cells that sleep, over what their sleep takes."""
    figures = []
    for name, means in engines:
        _, seconds = seconds_of(tasks(sleep), means)
        slept = time_to_sleep() * CELLS / means.workers
        share = seconds / slept - 1
        each = (seconds - slept) / CELLS * means.workers * 1e3
        figures.append(Figure(f"{name}: per cell", each, "ms", CELL_S * MOST_OVERHEAD * 1e3, f"{share:.1%}"))
    show(f"overhead of cells of {CELL_S * 1e3:.0f} ms", figures)


def time_to_sleep() -> float:
    """What a sleep really takes here."""
    began = time.perf_counter()
    for _ in range(100):
        time.sleep(CELL_S)
    return (time.perf_counter() - began) / 100


def gain() -> None:
    """Two workers over one on cells that compute: as it was on this machine, and by the CPU time that both take.

    A machine with other work gives two processes little more than one. What idle cores would give is twice what one
    process takes over what all processes take together, their start left out.
    """
    cells, few = tasks(compute, 600), tasks(compute, 40)
    cpu: dict[int, float] = {}
    wall: dict[int, float] = {}
    for workers in (1, 2):
        start = cpu_s()
        seconds_of(few, Means(workers))
        middle = cpu_s()
        _, wall[workers] = seconds_of(cells, Means(workers))
        cpu[workers] = (cpu_s() - middle) - (middle - start)
    load = f"at a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    show(
        "two workers over one",
        [
            Figure("by CPU time", 2 * cpu[1] / cpu[2], "x", None, at_least=LEAST_GAIN),
            Figure("by the clock", wall[1] / wall[2], "x", None, load),
        ],
    )


def cpu_s() -> float:
    """CPU seconds of this process and of those that it has ended."""
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def workers_memory() -> None:
    """A worker that has run every system with a pair."""
    grid = [choice.configuration for choice in combinations(RunConfiguration(), Selection())]
    places, looked_up, _ = look_up(grid)
    asked = [
        run_task(place, document, configuration.algorithm, 0, None, first.trace_sha256)
        for configuration, place, first in zip(grid, places, looked_up, strict=True)
        for document in [
            without_files(first)
            .model_copy(update={"algorithm": configuration.algorithm, "seed": 0})
            .model_dump_json()
        ]
    ]
    last = [Task(f"memory{n}", "memory", memory, (0.0,), Labels("benchmark")) for n in range(20)]
    half = len(asked) // 2  # where the shares of two workers meet, so that these come last
    rows = carry_out([*asked[:half], *last, *asked[half:]], Running(means=Means(2)))
    most = max(int(rows[task.key].document) for task in last) / 1e3
    show("memory", [Figure("of a worker, at most", most, "MB", MOST_MB, "after every system on every pair")])


def store() -> None:
    """Adding to the store, and asking it, CPU time."""
    count = 100_000
    keys = [f"{n:064x}" for n in range(count)]
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store") as kept:
        began = time.process_time()
        for start in range(0, count, 100):
            kept.add(Row(key, "done", DOCUMENT, Labels("benchmark")) for key in keys[start : start + 100])
        added = time.process_time() - began
        began = time.process_time()
        assert len(kept.known(keys)) == count
        known = time.process_time() - began
        began = time.process_time()
        assert len(kept.rows(keys)) == count
        read = time.process_time() - began
        size = (Path(folder) / "store").stat().st_size
    show(
        "the store",
        [
            Figure("adding a row", added / count * 1e6, "us"),
            Figure("which of 100,000 are there", known, "s", 1.0),
            Figure("reading a row", read / count * 1e6, "us"),
            Figure("size of a row", size / count / 1e3, "kB"),
        ],
    )


def cell() -> None:
    """A run of the defaults, step costs known, and what is looked up of it before."""
    grid = [
        choice.configuration
        for choice in combinations(RunConfiguration(), Selection(pairs=("llama2-7b:llama2-13b",)))
    ]
    run_grid(grid, [0])
    began = time.process_time()
    run_grid(grid, range(1, 4))
    each = (time.process_time() - began) / len(grid) / 3
    show("a cell", [Figure("of 1024 tokens, mean over systems and algorithms", each * 1e3, "ms")])


if __name__ == "__main__":
    engines = [("this process", Means(1)), ("two processes", Means(2))]
    if "--dask" in sys.argv[1:]:
        engines.append(("two workers of Dask", Means(2, Engine.DASK)))
    overhead(engines)
    gain()
    cell()
    store()
    workers_memory()
