"""A trace through a cache: how many of the experts that a text takes are in fast memory when they are needed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.policies import Policy
from ahasd.traces.routing.trace import RoutingTrace

#: Who shares slots: each layer has its own, or all layers of the model have one cache.
Pool = Literal["layer", "model"]


@dataclass(frozen=True, slots=True)
class Count:
    """Experts that tokens took: resident when they were needed, or not."""

    hits: int
    misses: int

    @property
    def selected(self) -> int:
        """All of them."""
        return self.hits + self.misses

    @property
    def hit_rate(self) -> float | None:
        """Share that was resident; None where there were none."""
        return self.hits / self.selected if self.selected else None


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it.

    Attributes
    ----------
    slots
        Of each layer.
    hits
        T×L: how many of the experts that the token took were resident.
    """

    policy: Policy
    slots: int
    pool: Pool
    top: int
    hits: npt.NDArray[np.int64]
    written: npt.NDArray[np.bool_]

    @property
    def all(self) -> Count:
        """Of all tokens, given or written, one after the other."""
        return self._count(np.ones(len(self.hits), np.bool_))

    @property
    def prefix(self) -> Count:
        """Of the tokens that were given."""
        return self._count(~self.written)

    @property
    def continuation(self) -> Count:
        """Of the tokens that the model wrote."""
        return self._count(self.written)

    @property
    def hit_rates(self) -> list[float]:
        """By layer, of all tokens."""
        return [float(rate) for rate in self.hits.mean(axis=0) / self.top]

    def _count(self, rows: npt.NDArray[np.bool_]) -> Count:
        hits = int(self.hits[rows].sum())
        return Count(hits, int(rows.sum()) * self.hits.shape[1] * self.top - hits)


def replay(trace: RoutingTrace, policy: Policy, slots: int, pool: Pool = "layer") -> Replay:
    """Send a trace through caches that start empty, those apart that are preloaded.

    A token asks for its experts one after the other, the highest score first, layer after layer; what is missing is
    fetched and taken in. Tokens of a prefix are no exception.

    Parameters
    ----------
    slots
        Of each layer; a cache that all share has as many times the number of layers. At least 0.

    Raises
    ------
    AhasdError
        The rule needs router scores, or a cache of its own for each layer, and there is none.
    """
    if slots < 0:
        raise AhasdError(f"slots are {slots}; must be at least 0")
    tops = highest_scores(trace) if policy.name == "mrs" else None
    if policy.name == "mrs" and pool == "model":
        raise AhasdError("mrs compares scores of one router; it needs slots by layer, not of the whole model")
    hits = np.zeros((trace.tokens, trace.layers), np.int64)
    if pool == "layer":
        for layer in range(trace.layers):
            stream = trace.chosen[:, layer].tolist()
            cache = build_cache(policy, slots, trace, stream)
            if tops is None:
                hits[:, layer] = [_ask(cache, taken) for taken in stream]
            else:
                heard = zip(tops[0][:, layer].tolist(), tops[1][:, layer].tolist(), stream, strict=True)
                hits[:, layer] = [_hear_and_ask(cache, *one) for one in heard]
    else:
        offsets = np.arange(trace.layers)[:, None] * trace.experts
        stream = (trace.chosen + offsets).reshape(-1, trace.top).tolist()
        cache = build_cache(policy, slots * trace.layers, trace, stream, trace.layers)
        hits = np.array([_ask(cache, taken) for taken in stream]).reshape(hits.shape)
    return Replay(policy, slots, pool, trace.top, hits, trace.written)


def build_cache(
    policy: Policy, slots: int, trace: RoutingTrace, stream: list[list[int]], layers: int = 1
) -> ExpertCache:
    """Build a cache for a stream of requests, preloaded if its rule has it so."""
    requests = [expert for taken in stream for expert in taken] if policy.name == "belady" else []
    cache = policy.build(slots, trace.experts, layers, requests)
    if policy.name == "static-hot":
        heard = stream[: max(1, round(policy.options["share"] * len(stream)))]
        uses = np.bincount([expert for taken in heard for expert in taken], minlength=layers * trace.experts)
        cache.preload(np.argsort(-uses, kind="stable")[:slots].tolist())
    elif policy.name == "belady" and policy.options["bypass"]:  # it chooses itself
        cache.preload([])
    return cache


def _ask(cache: ExpertCache, taken: list[int]) -> int:
    """Use the experts of a token; how many were resident."""
    hits, resident = 0, cache.resident
    for expert in taken:
        if expert in resident:
            cache.used(expert)
            hits += 1
        else:
            cache.admit(expert)
    return hits


def _hear_and_ask(cache: ExpertCache, ids: list[int], scores: list[float], taken: list[int]) -> int:
    """Hear the router, then use the experts of a token; how many were resident."""
    cache.routed(ids, scores)
    return _ask(cache, taken)


def highest_scores(trace: RoutingTrace) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The 2 k highest scores of every token and layer, or as many as the trace has, and whose they are.

    Raises
    ------
    AhasdError
        The trace has no scores.
    """
    if trace.scores is None:
        raise AhasdError(
            "mrs keeps experts by their router scores, and this trace has none; use lru, lfu or lfru"
        )
    keep = min(2 * trace.top, trace.scores.shape[2])
    # Bits of floats that are not negative rise with them; of equal scores the first goes before.
    falling = np.arange(trace.scores.shape[2]) - (trace.scores.view(np.int16).astype(np.int64) << 16)
    some = np.argpartition(falling, keep - 1, axis=2)[:, :, :keep]
    order = np.take_along_axis(some, np.argsort(np.take_along_axis(falling, some, axis=2), axis=2), axis=2)
    best = np.take_along_axis(trace.scores, order, axis=2).astype(np.float64)
    return (
        order if trace.ids is None else np.take_along_axis(trace.ids.astype(np.int64), order, axis=2)
    ), best
