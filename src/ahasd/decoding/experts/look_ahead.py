"""Experts fetched before their layer asks for them, because its gate would choose them already now."""

from collections.abc import Callable, Sequence
from typing import Any

from ahasd.decoding.experts.residency import Residency
from ahasd.decoding.experts.routed_layers import RoutedLayer
from ahasd.decoding.recording.routing_watch import highest_first


class LookAhead:
    """Asks the gates of the next layers what they would choose from the hidden state of this one.

    That is AdapMoE's prefetch (arXiv 2408.10284): what the next layer's gate chooses is fetched if it is not there;
    if all of it is, the gate behind that is asked, up to three layers on. Which experts are fetched depends on the
    text and the caches alone, not on how long reads take.

    Parameters
    ----------
    layers
        All that have experts.
    residency
        Fetches.
    depth
        Layers to look ahead, 0 for none.
    """

    def __init__(self, layers: Sequence[RoutedLayer], residency: Residency, depth: int) -> None:
        self._layers, self._residency, self._depth = layers, residency, depth

    def fetch(self, row: int, hidden: Any) -> None:
        """Fetch what layers behind `row` are expected to need for one token.

        Parameters
        ----------
        hidden
            What the gate of this layer was given, (1, width).
        """

        def choice(later: int) -> list[int]:
            _, weights, ids = self._layers[later].router.forward(hidden)
            experts: list[int] = highest_first(ids, weights)[0].tolist()
            return experts

        rows = range(row + 1, min(row + 1 + self._depth, len(self._layers)))
        for later, expert in wanted(rows, choice, self._residency.resident):
            self._residency.prefetch(later, expert)


def wanted(
    rows: Sequence[int], choice: Callable[[int], Sequence[int]], resident: Callable[[int, int], bool]
) -> list[tuple[int, int]]:
    """What is missing of the nearest of these layers that is expected to miss anything.

    Parameters
    ----------
    rows
        Layers, the next one first.
    choice
        The experts that a layer is expected to need, the likeliest first.
    resident
        Whether a layer's expert is there.
    """
    for row in rows:
        missing = [(row, expert) for expert in choice(row) if not resident(row, expert)]
        if missing:
            return missing
    return []
