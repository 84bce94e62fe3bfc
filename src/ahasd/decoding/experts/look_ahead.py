"""Experts fetched before their layer asks for them, because its gate would choose them already now."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.experts.residency import Residency
from ahasd.decoding.experts.routed_layers import MOST_AHEAD, RoutedLayer
from ahasd.decoding.recording.routing_watch import highest_first
from ahasd.errors import AhasdError
from ahasd.experts.prefetch.prefetch import NoPrefetch, Prefetch, View, prefetch_named
from ahasd.experts.replay_ahead import UNUSED_COSTS, WITHOUT_A_CLOCK


def runnable_prefetch(name: str) -> Prefetch:
    """Return a way to prefetch by its name, one that a run can take.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    AhasdError
        It needs what a run does not have: smoothed scores or the costs of a schedule.
    """
    found = prefetch_named(name)
    if not isinstance(found, WITHOUT_A_CLOCK):
        raise AhasdError(
            f"prefetching by {name} needs what only a simulation knows; a run takes none, next-gate, two-gates, "
            "three-gates or adaptive"
        )
    return found


class LookAhead:
    """Asks the gates of the next layers what they would choose from the hidden state of this one, and fetches that.

    Which experts are fetched depends on the text and the caches alone, not on how long reads take.

    Parameters
    ----------
    layers
        All that have experts.
    residency
        Fetches.
    prefetch
        Says which, as it says so in the simulator.
    """

    def __init__(self, layers: Sequence[RoutedLayer], residency: Residency, prefetch: Prefetch) -> None:
        self._layers, self._residency, self._prefetch = layers, residency, prefetch
        self._idle = isinstance(prefetch, NoPrefetch)

    def fetch(self, row: int, hidden: Any) -> None:
        """Fetch what layers behind `row` are expected to need for one token.

        Parameters
        ----------
        hidden
            What the gate of this layer was given, (1, width).
        """
        if self._idle:
            return
        foreseen = []
        for later in self._layers[row + 1 : row + 1 + MOST_AHEAD]:
            _, weights, ids = later.router.forward(hidden)
            foreseen.append(highest_first(ids, weights)[0].tolist())
        view = View(
            foreseen, lambda ahead, expert: self._residency.resident(row + ahead, expert), (), *UNUSED_COSTS
        )
        for ahead, expert in self._prefetch.propose(view):
            self._residency.prefetch(row + ahead, expert)
