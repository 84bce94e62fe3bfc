"""A layer's experts, computed out of buffers that are filled from disk."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.expert_product import expert_output, weights_of
from ahasd.decoding.experts.look_ahead import LookAhead
from ahasd.decoding.experts.residency import Residency
from ahasd.decoding.experts.routed_layers import RoutedLayer
from ahasd.decoding.recording.routing_watch import highest_first
from ahasd.experts.gate.gate import Gate


class OffloadedLayer:
    """Stands in for the forward of a layer's experts.

    Tokens are computed one after the other, so that the cache sees what it sees in a replay of the trace. Of a token,
    experts that are there are computed while the others are read.

    Parameters
    ----------
    row
        Which of the layers with experts it is.
    layer
        Its modules.
    shapes
        Of an expert's weights, see `ExpertPlaces`.
    residency
        The buffers.
    gate
        Says how many of the chosen experts a token uses.
    look_ahead
        Fetches for the layers to come, where a single token is computed.
    """

    def __init__(
        self,
        row: int,
        layer: RoutedLayer,
        shapes: Mapping[str, tuple[int, ...]],
        residency: Residency,
        gate: Gate,
        look_ahead: LookAhead,
    ) -> None:
        self._row, self._layer, self._shapes = row, layer, shapes
        self._residency, self._gate, self._look_ahead = residency, gate, look_ahead
        self._logits: Any = None
        layer.router.register_forward_hook(self._hear)
        layer.experts.forward = self.forward

    def _hear(self, _module: Any, _inputs: Any, outputs: tuple[Any, ...]) -> None:
        self._logits = outputs[0]

    def forward(self, hidden: Any, ids: Any, weights: Any) -> Any:
        """Give the weighted sum of the chosen experts (tokens, width).

        Parameters
        ----------
        hidden
            (tokens, width).
        ids, weights
            Of the chosen experts, (tokens, chosen).
        """
        best, scores = self._highest_scores()
        order = torch.argsort(weights.float(), dim=-1, descending=True, stable=True)
        chosen, falling = highest_first(ids, weights).tolist(), weights.gather(1, order)
        sums, alone = torch.zeros_like(hidden), len(hidden) == 1
        for token in range(len(hidden)):
            self._residency.routed(self._row, best[token], scores[token])
            self._token(
                hidden[token : token + 1], chosen[token], falling[token], sums[token : token + 1], alone
            )
        return sums

    def _token(self, hidden: Any, chosen: list[int], weights: Any, total: Any, alone: bool) -> None:
        count = self._gate.used(self._row, weights.tolist())
        if count < len(chosen):
            # What is left keeps the weight of all: a·f₁ + (1 − a)·f₂ becomes f₁ (arXiv 2408.10284).
            self._residency.traffic.left_out += len(chosen) - count
            chosen, weights = chosen[:count], weights[:count] * (weights.sum() / weights[:count].sum())
        buffers = self._residency.take(self._row, chosen)
        if alone:
            self._look_ahead.fetch(self._row, hidden)
        outputs: list[Any] = [None] * len(buffers)
        # What is there first, while the rest is read.
        for place in sorted(range(len(buffers)), key=lambda place: not self._residency.ready(buffers[place])):
            slot = weights_of(self._residency.wait(buffers[place]), self._shapes)
            outputs[place] = expert_output(self._layer.experts, slot, hidden)
        # Summed in the order of transformers, by rising number of the expert, so that the sum is the same.
        for place in sorted(range(len(buffers)), key=lambda place: chosen[place]):
            total += (outputs[place] * weights[place]).to(total.dtype)
        self._residency.done()

    def _highest_scores(self) -> tuple[list[list[int]], list[list[float]]]:
        """The 2 k highest scores of every token as a trace holds them, in half precision, and whose they are."""
        scores = self._layer.scores_of(self._logits).cpu().numpy().astype(np.float16).astype(np.float64)
        keep = min(2 * self._layer.chosen, self._layer.count)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :keep]
        return order.tolist(), np.take_along_axis(scores, order, axis=1).tolist()
