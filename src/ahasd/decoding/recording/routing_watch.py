"""Looking over the shoulders of a model's routers while it runs."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.routed_layers import RoutedLayer
from ahasd.decoding.recording.checkpoint import Rows


class RoutingWatch:
    """Notes for every token what each router scores and chooses, and what the next routers would choose already.

    Used as a context manager: on leaving it the model is as it was.

    Parameters
    ----------
    layers
        The model's, first layer first.
    top
        Scores to keep of each router, the highest; None for all.
    ahead
        Layers to look ahead, 0 for none. The gates of the next layers are given what this layer's gate is given,
        behind this layer's norm.
    """

    def __init__(self, layers: Sequence[RoutedLayer], top: int | None, ahead: int) -> None:
        self._layers, self._top = layers, top
        self._depth = min(ahead, len(layers) - 1)
        self._found: list[list[Rows]] = [[] for _ in layers]
        self._hooks: list[Any] = []

    def __enter__(self) -> Self:
        for row, layer in enumerate(self._layers):
            self._hooks.append(layer.router.register_forward_hook(self._keeper(row)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hook in self._hooks:
            hook.remove()

    def _keeper(self, row: int) -> Any:
        def keep(_module: Any, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
            self._found[row].append(self._rows(row, inputs[0], outputs))

        return keep

    def _rows(self, row: int, hidden: Any, outputs: tuple[Any, ...]) -> Rows:
        """What one router says of some tokens."""
        layer = self._layers[row]
        logits, weights, ids = outputs
        hidden = hidden.reshape(-1, hidden.shape[-1])
        scores = layer.scores_of(logits)
        rows = {"chosen": highest_first(ids, weights)}
        if self._top is None:
            rows["scores"] = scores.cpu().numpy().astype(np.float16)
        else:
            best = scores.topk(self._top, dim=-1)
            rows["scores"] = best.values.cpu().numpy().astype(np.float16)
            rows["ids"] = best.indices.cpu().numpy().astype(np.int16)
        if self._depth:
            ahead = np.full((len(hidden), self._depth, layer.chosen), -1, np.int16)
            for d, later in enumerate(self._layers[row + 1 : row + 1 + self._depth]):
                _, later_weights, later_ids = later.router.forward(hidden)
                ahead[:, d] = highest_first(later_ids, later_weights)
            rows["ahead"] = ahead
        return rows

    def take(self) -> Rows:
        """Give what was noted since the last call, tokens first, (tokens, layers, …) each, and forget it."""
        found, self._found = self._found, [[] for _ in self._layers]
        return {
            name: np.stack([np.concatenate([part[name] for part in parts]) for parts in found], axis=1)
            for name in found[0][0]
        }


def highest_first(ids: Any, weights: Any) -> Any:
    """Sort the chosen experts (tokens, chosen) by their weights; routers may give them in any order."""
    order = torch.argsort(weights.float(), dim=-1, descending=True, stable=True)
    return ids.gather(1, order).cpu().numpy().astype(np.int16)
