"""The walk: every layer of every pass asks for its experts, which lie somewhere and are computed by somebody."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.mrs import Mrs
from ahasd.experts.decode.counts import Counts
from ahasd.experts.decode.needs import Pass
from ahasd.experts.layer_schedule.assignment import Assignment, LayerTimes, times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import LayerSchedule
from ahasd.experts.prefetch.prefetch import Prefetch, View
from ahasd.experts.replay import highest_scores
from ahasd.traces.routing.trace import RoutingTrace


@dataclass(frozen=True, slots=True)
class LayerStep:
    """One layer of one pass, seconds from the start.

    Attributes
    ----------
    start, chosen, end
        When its dense part begins, its router has chosen, and its experts are computed.
    """

    number: int
    layer: int
    start: float
    chosen: float
    end: float
    assignment: Assignment
    times: LayerTimes


class ExpertDecoder:
    """One text on one machine, with caches, a way to prefetch and a way to share out.

    Copies for later layers go behind those that are waited for, also while the next layer's dense part runs. A layer
    that has chosen drops what was proposed before and has not arrived, and proposes anew; of a copy under way that it
    needs itself what was moved counts (copies go in tiles, as AdapMoE's).

    Parameters
    ----------
    caches
        Of each layer.
    dense
        Seconds of a layer before its router has chosen.
    """

    def __init__(
        self,
        trace: RoutingTrace,
        caches: Sequence[ExpertCache],
        prefetch: Prefetch,
        schedule: LayerSchedule,
        costs: LayerCosts,
        dense: float,
    ) -> None:
        self.counts = {True: Counts(), False: Counts()}  # by whether tokens are the model's own
        self._trace, self._caches = trace, caches
        self._prefetch, self._schedule, self._costs, self._dense = prefetch, schedule, costs, dense
        self._highest = None if trace.scores is None else highest_scores(trace)
        self._waiting: list[
            tuple[int, int]
        ] = []  # layer and expert that are fetched ahead and have not arrived
        self._moved = 0.0  # seconds of the first of them
        self._unused: set[tuple[int, int]] = set()
        self._now = 0.0

    def walk(self, passes: Sequence[Pass], watch: Callable[[int], None] | None = None) -> Iterator[LayerStep]:
        """Go through all passes."""
        done = 0
        for number, one in enumerate(passes):
            for layer in range(self._trace.layers):
                yield self._layer(number, one, layer)
            done += len(one.tokens) if one.written else 0
            if watch is not None:
                watch(done)

    def _layer(self, number: int, one: Pass, layer: int) -> LayerStep:
        cache, need, counts = self._caches[layer], one.needs[layer], self.counts[one.written]
        start = self._now
        self._arrive(self._dense, self._costs, counts)
        self._hear(one, layer)
        works = [ExpertWork(expert, tokens, expert in cache.resident) for expert, tokens in need.items()]
        assignment = self._schedule.assign(works, self._costs)
        ahead = self._propose(one, layer)
        begun = self._moved_of([*((layer, work.expert) for work in assignment.copied), *ahead])
        took = times(assignment, self._costs, len(ahead), begun)
        self._take(layer, works, assignment, counts)
        self._waiting = ahead
        self._moved = 0.0
        self._land(took, len(assignment.copied), counts)
        self._now = start + self._dense + took.end
        return LayerStep(number, layer, start, start + self._dense, self._now, assignment, took)

    def _hear(self, one: Pass, layer: int) -> None:
        """Let the cache hear the router, token after token."""
        if self._highest is not None:
            ids, scores = self._highest
            for token in one.tokens:
                self._caches[layer].routed(ids[token, layer].tolist(), scores[token, layer].tolist())

    def _moved_of(self, copies: Sequence[tuple[int, int]]) -> float:
        """What was moved before of the first of these copies."""
        return self._moved if copies and self._waiting[:1] == [copies[0]] else 0.0

    def _propose(self, one: Pass, layer: int) -> list[tuple[int, int]]:
        rows: list[Sequence[int]] = []
        if self._trace.ahead is not None:
            for d in range(1, min(self._trace.depth, self._trace.layers - 1 - layer) + 1):
                seen = self._trace.ahead[one.tokens.start : one.tokens.stop, layer, d - 1]
                rows.append(list(dict.fromkeys(seen.ravel().tolist())))
        following = self._caches[layer + 1] if layer + 1 < len(self._caches) else None
        favourites = following.highest(self._trace.top) if isinstance(following, Mrs) else []
        view = View(rows, self._is_resident(layer), favourites, self._schedule, self._costs)
        return [(layer + d, expert) for d, expert in self._prefetch.propose(view)]

    def _is_resident(self, layer: int) -> Callable[[int, int], bool]:
        return lambda d, expert: expert in self._caches[layer + d].resident

    def _take(self, layer: int, works: Sequence[ExpertWork], assignment: Assignment, counts: Counts) -> None:
        """Tell the cache what became of each expert, and count it."""
        cache = self._caches[layer]
        counts.needed += len(works)
        for work in works:
            if work.resident:
                fetched = (layer, work.expert) in self._unused
                counts.ahead_used += fetched
                counts.hits += not fetched
                cache.used(work.expert)
        self._unused = {one for one in self._unused if one[0] != layer}
        for work in assignment.copied:
            counts.copied += 1
            cache.admit(work.expert)
        for work in assignment.host:
            if not work.resident:
                counts.on_host += 1
                cache.passed(work.expert)

    def _land(self, took: LayerTimes, own: int, counts: Counts) -> None:
        """Take in what was fetched ahead and arrived while the experts were computed."""
        arrivals = took.arrivals[own:]
        arrived = sum(arrival <= took.end for arrival in arrivals)
        for _ in range(arrived):
            self._admit(counts)
        if self._waiting:
            since = took.arrivals[own + arrived - 1] if own + arrived else 0.0
            # The host is done by then, so that what is left moves at full speed.
            left = took.arrivals[own + arrived] - took.end
            self._moved = max(0.0, self._costs.copy - left) if since < took.end else 0.0

    def _arrive(self, seconds: float, costs: LayerCosts, counts: Counts) -> None:
        """Let copies go on for some time in which nothing else reads slow memory."""
        while self._waiting and seconds > 0:
            left = costs.copy - self._moved
            if left > seconds:
                self._moved += seconds
                return
            seconds -= left
            self._moved = 0.0
            self._admit(counts)

    def _admit(self, counts: Counts) -> None:
        layer, expert = self._waiting.pop(0)
        cache = self._caches[layer]
        counts.fetched_ahead += 1
        if expert not in cache.resident:
            victim = cache.admit(expert)
            if victim is not None:
                self._unused.discard((layer, victim))
            if victim != expert:
                self._unused.add((layer, expert))
