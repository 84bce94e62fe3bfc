"""A trace through caches that also fetch ahead, as the runtime does it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ahasd.errors import AhasdError
from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.policies import Policy
from ahasd.experts.layer_schedule.costs import LayerCosts
from ahasd.experts.layer_schedule.schedules import CopyMisses
from ahasd.experts.prefetch.prefetch import AdaptiveDepth, NextGates, NoPrefetch, Prefetch, View
from ahasd.experts.replay import Pool, Replay, build_cache, highest_scores, replay
from ahasd.traces.routing.trace import RoutingTrace

#: Ways to prefetch that need no clock: those that ask the next gates. The runtime has these.
WITHOUT_A_CLOCK = (NoPrefetch, NextGates, AdaptiveDepth)

#: What a view of the simulator holds beside gates and caches; nothing in `WITHOUT_A_CLOCK` looks at it.
UNUSED_COSTS = CopyMisses(), LayerCosts(processor=0.0, host=None, copy=0.0)


@dataclass(frozen=True, slots=True)
class ReplayAhead:
    """What came of it.

    Attributes
    ----------
    replay
        Hits and misses; an expert whose fetch has begun is resident.
    fetched, used
        Experts fetched ahead of need, and those of them that were taken before they gave way.
    """

    replay: Replay
    fetched: int
    used: int


def replay_ahead(
    trace: RoutingTrace, policy: Policy, slots: int, prefetch: Prefetch, pool: Pool = "layer"
) -> ReplayAhead:
    """Send a trace through caches that start empty, and fetch what the next gates choose already.

    As the runtime does: a prefix is computed layer by layer in one pass, in which nothing is fetched ahead, unless it
    is a single token or all layers share the slots, which takes its tokens one by one.

    Raises
    ------
    AhasdError
        The trace does not say what gates foresee, the way to prefetch needs a clock, or the policy needs what there
        is not; see `replay`.
    """
    if isinstance(prefetch, NoPrefetch):
        return ReplayAhead(replay(trace, policy, slots, pool), 0, 0)
    if not isinstance(prefetch, WITHOUT_A_CLOCK):
        raise AhasdError("what is fetched by that rule depends on the clock; `ahasd run` simulates it")
    if trace.ahead is None:
        raise AhasdError(
            "the trace does not say what the next gates choose; record it with --ahead 1 or more"
        )
    if policy.name == "belady":
        raise AhasdError("belady knows what will be asked for, not what will be fetched ahead; leave it out")
    if policy.name == "mrs" and pool == "model":
        raise AhasdError("mrs compares scores of one router; it needs slots by layer, not of the whole model")
    walk = _Walk(trace, policy, slots, pool, prefetch)
    for start, own, end in zip(
        trace.prompt_start[:-1], trace.continuation_start, trace.prompt_start[1:], strict=True
    ):
        alone = pool == "model" or own - start == 1
        for token in range(start, end):
            for layer in range(trace.layers):
                walk.take(token, layer, alone or token >= own)
    found = Replay(policy, slots, pool, trace.top, walk.hits, trace.written)
    return ReplayAhead(found, walk.fetched, walk.used)


class _Walk:
    """Caches, and what is counted."""

    def __init__(
        self, trace: RoutingTrace, policy: Policy, slots: int, pool: Pool, prefetch: Prefetch
    ) -> None:
        self._trace, self._prefetch, self._shared = trace, prefetch, pool == "model"
        self._caches = _caches(trace, policy, slots, pool)
        self._best = highest_scores(trace) if policy.name == "mrs" else None
        self._waiting: set[tuple[int, int]] = set()  # layer and expert, fetched ahead and not taken yet
        self.hits = np.zeros((trace.tokens, trace.layers), np.int64)
        self.fetched = self.used = 0

    def take(self, token: int, layer: int, ahead: bool) -> None:
        """Let a token have its experts of a layer, and fetch for the next ones."""
        cache = self._caches[layer]
        if self._best is not None:
            ids, scores = self._best
            cache.routed(ids[token, layer].tolist(), scores[token, layer].tolist())
        for expert in self._trace.chosen[token, layer].tolist():
            number = self._number(layer, expert)
            if number in cache.resident:
                cache.used(number)
                self.hits[token, layer] += 1
                if (layer, expert) in self._waiting:
                    self._waiting.discard((layer, expert))
                    self.used += 1
            else:
                self._admit(layer, expert)
        if ahead:
            self._fetch(token, layer)

    def _fetch(self, token: int, layer: int) -> None:
        assert self._trace.ahead is not None, "checked before"
        depth = min(self._trace.depth, self._trace.layers - 1 - layer)
        foreseen: list[Sequence[int]] = self._trace.ahead[token, layer, :depth].tolist()
        view = View(foreseen, lambda d, expert: self._resident(layer + d, expert), (), *UNUSED_COSTS)
        for d, expert in self._prefetch.propose(view):
            if self._caches[layer + d].slots:
                self.fetched += 1
                self._admit(layer + d, expert)
                if self._resident(layer + d, expert):
                    self._waiting.add((layer + d, expert))

    def _admit(self, layer: int, expert: int) -> None:
        victim = self._caches[layer].admit(self._number(layer, expert))
        if victim is not None:
            self._waiting.discard(divmod(victim, self._trace.experts) if self._shared else (layer, victim))

    def _resident(self, layer: int, expert: int) -> bool:
        return self._number(layer, expert) in self._caches[layer].resident

    def _number(self, layer: int, expert: int) -> int:
        return layer * self._trace.experts + expert if self._shared else expert


def _caches(trace: RoutingTrace, policy: Policy, slots: int, pool: Pool) -> list[ExpertCache]:
    """The cache of each layer, or one for all."""
    if pool == "layer":
        streams = [trace.chosen[:, layer].tolist() for layer in range(trace.layers)]
        return [build_cache(policy, slots, trace, stream) for stream in streams]
    offsets = np.arange(trace.layers)[:, None] * trace.experts
    stream = (trace.chosen + offsets).reshape(-1, trace.top).tolist()
    return [build_cache(policy, slots * trace.layers, trace, stream, trace.layers)] * trace.layers
