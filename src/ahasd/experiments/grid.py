"""Many configurations, each over several seeds: what the store has not is run and kept there."""

from collections.abc import Iterator, Mapping, Sequence

from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.cell import Cell
from ahasd.experiments.executors.batch import Task
from ahasd.experiments.run_task import Place, place_of, result_of, run_key, run_task, without_files
from ahasd.experiments.store.row import Row
from ahasd.speculation.configuration import Resolved, RunConfiguration, resolve
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.traces.resolve import is_trace_file, resolve_trace
from ahasd.traces.rollout.rollout import RolloutTrace

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
        document = _document(configuration, looked_up[index])
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


def look_up(
    configurations: Sequence[RunConfiguration],
) -> tuple[list[Place], list[Resolved], dict[str, RolloutTrace]]:
    """Look up every name and prepare every algorithm once, without running anything.

    Returns
    -------
    list of Place
        Of each configuration.
    list of Resolved
        The first configuration of each one's place.
    dict of str to RolloutTrace
        Traces from a user's files, by their hash.

    Raises
    ------
    AhasdError
        Something does not exist or does not fit.
    """
    known: dict[tuple[str, bool], tuple[Place, Resolved]] = {}
    prepared: set[tuple[str, str]] = set()
    files = {
        name: resolve_trace(name) for name in dict.fromkeys(_traces(configurations)) if is_trace_file(name)
    }
    found = []
    for configuration in configurations:
        name = configuration.model_copy(update={"algorithm": NO_SPECULATION, "seed": 0}).model_dump_json()
        place = name, configuration.algorithm == NO_SPECULATION
        drafting = configuration.algorithm, configuration.trace
        if place not in known or drafting not in prepared:
            resolved = resolve(configuration, trace=files.get(configuration.trace))
            known.setdefault(place, (place_of(resolved), resolved))
            # Where nothing is drafted, no algorithm was prepared.
            if resolved.algorithm is not None:
                prepared.add(drafting)
        found.append(known[place])
    traces = {trace.sha256: trace for trace in files.values()}
    return [place for place, _ in found], [resolved for _, resolved in found], traces


def _traces(configurations: Sequence[RunConfiguration]) -> Iterator[str]:
    return (configuration.trace for configuration in configurations)


def _document(configuration: RunConfiguration, looked_up: Resolved) -> str:
    """The configuration for a worker, which may be on another machine."""
    update = {"algorithm": configuration.algorithm, "seed": 0}
    return without_files(looked_up).model_copy(update=update).model_dump_json()


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
