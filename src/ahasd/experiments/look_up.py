"""Looking many configurations up, what they have in common once, without running anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.run_task import Place, place_of, without_files
from ahasd.speculation.configuration import Resolved, RunConfiguration, resolve
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.traces.resolve import is_trace_file, resolve_trace
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a configuration comes to.

    Attributes
    ----------
    place
        All that its results depend on but algorithm and seed.
    first
        The first configuration of that place, looked up.
    """

    place: Place
    first: Resolved


class LookUp:
    """Looks configurations up one by one; what only algorithm and seed tell apart is looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], LookedUp] = {}
        self._prepared: set[tuple[str, str]] = set()
        self._files: dict[str, RolloutTrace] = {}

    @property
    def traces(self) -> dict[str, RolloutTrace]:
        """Traces from a user's files, by their hash."""
        return {trace.sha256: trace for trace in self._files.values()}

    def of(self, configuration: RunConfiguration) -> LookedUp:
        """Look every name up and prepare the algorithm.

        Raises
        ------
        AhasdError
            Something does not exist or does not fit.
        """
        if is_trace_file(configuration.trace) and configuration.trace not in self._files:
            self._files[configuration.trace] = resolve_trace(configuration.trace)
        name = configuration.model_copy(update={"algorithm": NO_SPECULATION, "seed": 0}).model_dump_json()
        place = name, configuration.algorithm == NO_SPECULATION
        drafting = configuration.algorithm, configuration.trace
        if place not in self._known or drafting not in self._prepared:
            resolved = resolve(configuration, trace=self._files.get(configuration.trace))
            if place not in self._known:
                self._known[place] = LookedUp(place_of(resolved), resolved)
            # Where nothing is drafted, no algorithm was prepared.
            if resolved.algorithm is not None:
                self._prepared.add(drafting)
        return self._known[place]


def look_up(
    configurations: Sequence[RunConfiguration],
) -> tuple[list[Place], list[Resolved], dict[str, RolloutTrace]]:
    """Look every name up and prepare every algorithm once, without running anything.

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
    looking = LookUp()
    found = [looking.of(configuration) for configuration in configurations]
    return [one.place for one in found], [one.first for one in found], looking.traces


def worker_document(configuration: RunConfiguration, looked_up: Resolved) -> str:
    """The configuration for a worker, which may be on another machine."""
    update = {"algorithm": configuration.algorithm, "seed": 0}
    return without_files(looked_up).model_copy(update=update).model_dump_json()
