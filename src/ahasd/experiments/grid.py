"""Many configurations, each over several seeds: what the store has not is run and kept there."""

from collections.abc import Mapping, Sequence

from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.cell import Cell
from ahasd.experiments.executors.batch import Task
from ahasd.experiments.look_up import look_up, worker_document
from ahasd.experiments.run_task import Place, result_of, run_key, run_task
from ahasd.experiments.store.row import Row
from ahasd.speculation.configuration import RunConfiguration
from ahasd.speculation.results import SpeculationResult

#: Low and high ends of the energy constants' ranges.
ENDS = (0, 1)


def run_grid(
    configurations: Sequence[RunConfiguration],
    seeds: Sequence[int],
    running: Running | None = None,
    *,
    energy_range: bool = False,
) -> list[Cell]:
    """Run every configuration with every seed.

    The cells do not depend on who computes, on how many at once, on interruptions, nor on what the store had. What
    cannot run (too little memory, no PIM) is a cell that says why. Step costs are shared between configurations that
    differ only in the algorithm.

    Parameters
    ----------
    configurations
        Their own seed is not used.
    running
        Where runs are kept and who computes them; by default this process, and nowhere.
    energy_range
        Fill in the cells' ``joules_low`` and ``joules_high``, which takes three times as many runs.

    Returns
    -------
    list of Cell
        In the order of the configurations; their results without options, placement and the configuration, which
        are the same for all seeds (``reproduce`` has only the seed).

    Raises
    ------
    AhasdError
        A name is unknown or a configuration is wrong, and nothing has run then; or of
        :func:`ahasd.experiments.carry_out.carry_out`.
    """
    running = Running() if running is None else running
    ends = (None, *ENDS) if energy_range else (None,)
    places, looked_up, traces = look_up(configurations)
    tasks: list[Task] = []
    machines = sorted(
        range(len(configurations)), key=lambda index: (places[index].devices, places[index].machine)
    )
    for index in machines:
        configuration, place = configurations[index], places[index]
        document = worker_document(configuration, looked_up[index])
        tasks += [
            run_task(place, document, configuration.algorithm, seed, end, looked_up[index].trace_sha256)
            for end in ends
            for seed in seeds
        ]
    rows = carry_out(tasks, running, traces)
    return [
        _cell(place, configuration.algorithm, seeds, rows, energy_range)
        for configuration, place in zip(configurations, places, strict=True)
    ]


def _cell(
    place: Place, algorithm: str, seeds: Sequence[int], rows: Mapping[str, Row], energy_range: bool
) -> Cell:
    """What the runs of a configuration come to together."""
    about = place.labels
    names = about.pair, about.system, about.hardware
    results: list[SpeculationResult] = []
    joules: tuple[list[float], list[float]] = [], []
    for seed in seeds:
        row = rows[run_key(place, algorithm, seed)]
        if row.state != "done":
            return Cell(*names, tuple(results), row.document, algorithm, failed=row.state == "failed")
        results.append(result_of(row))
    for end in ENDS if energy_range else ():
        for seed in seeds:
            row = rows[run_key(place, algorithm, seed, end)]
            if row.state != "done":
                reason = f"at an end of the energy constants' ranges: {row.document}"
                return Cell(*names, tuple(results), reason, algorithm, failed=row.state == "failed")
            if row.joules_per_token is not None:  # else the hardware's energy is not known
                joules[end].append(row.joules_per_token)
    low, high = joules
    return Cell(*names, tuple(results), None, algorithm, joules_low=tuple(low), joules_high=tuple(high))
