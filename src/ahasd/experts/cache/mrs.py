"""The expert with the lowest recent router scores gives way: HybriMoE's minus-recent-score cache."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from heapq import heapify, heappush, heapreplace

from ahasd.experts.cache.cache import ExpertCache

#: Scores are kept over the weight that one of now would have; before that passes this, all are brought back (ours).
_LARGEST_WEIGHT = 1e200


class Mrs(ExpertCache):
    """The expert whose smoothed router score is lowest gives way; high scores count also if it was not chosen.

    S ← alpha · TopP(s) + (1 − alpha) · S after each token, where TopP keeps the p = 2 k largest scores (arXiv
    2504.05897, section on caching).

    All scores fall by the same factor each token, which leaves their order as it is: here the weight of what is new
    grows instead, so that a score only ever rises and a heap finds the lowest. One cache serves one layer.

    Parameters
    ----------
    slots
        How many experts fit.
    alpha
        Weight of the newest scores, in (0, 1); the code of HybriMoE has 0.5, a port to llama.cpp 0.75.
    """

    def __init__(self, slots: int, alpha: float = 0.5) -> None:
        super().__init__(slots)
        self._growth = 1 / (1 - alpha)
        self._weight = alpha
        self._score: defaultdict[int, float] = defaultdict(float)
        self._held: set[int] = set()
        self._lowest: list[tuple[float, int]] = []

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._held

    def routed(self, experts: Sequence[int], scores: Sequence[float]) -> None:
        """Smooth the scores of the p highest."""
        self._weight *= self._growth
        weight, score = self._weight, self._score
        for expert, new in zip(experts, scores):  # noqa: B905  # checking lengths takes a tenth of a replay
            score[expert] += weight * new
        if weight > _LARGEST_WEIGHT:
            self._weight = 1.0
            self._score = defaultdict(float, {expert: value / weight for expert, value in score.items()})
            self._lowest = [(self._score[expert], expert) for expert in self._held]
            heapify(self._lowest)

    def used(self, expert: int) -> None:
        """Nothing depends on uses but the scores."""

    def admit(self, expert: int) -> int | None:
        """Take it in for the one with the lowest score."""
        score = self._score
        entry = (score[expert], expert)
        self._held.add(expert)
        lowest = self._lowest
        if len(lowest) < self.slots:
            heappush(lowest, entry)
            return None
        if not self.slots:
            self._held.discard(expert)
            return expert
        while True:
            noted, victim = lowest[0]
            now = score[victim]
            if now == noted:
                heapreplace(lowest, entry)
                break
            heapreplace(lowest, (now, victim))
        self._held.discard(victim)
        return victim

    def highest(self, count: int) -> list[int]:
        """The experts with the highest smoothed scores, resident or not."""
        return sorted(self._score, key=lambda expert: -self._score[expert])[:count]
