"""The expert that is needed again last gives way: the bound that no cache passes."""

from collections.abc import Collection, Iterable, Sequence
from heapq import heappop, heappush

from ahasd.experts.cache.cache import ExpertCache


class Belady(ExpertCache):
    """Knows all requests to come, and keeps the experts that are needed again soonest.

    Parameters
    ----------
    slots
        How many experts fit.
    requests
        All experts that will be used or admitted, in order.
    bypass
        Whether an expert that was fetched need not be kept. With it, and filled at first with what is needed first,
        no cache whatever has more hits; without, this is the algorithm of Belady (IBM Systems Journal 5(2), 1966).
    """

    knows_the_future = True

    def __init__(self, slots: int, requests: Sequence[int], bypass: bool = True) -> None:
        super().__init__(slots)
        self._bypass = bypass
        self._never = len(requests)
        self._uses: dict[int, list[int]] = {}  # by expert, the last one first
        for at in range(len(requests) - 1, -1, -1):
            self._uses.setdefault(requests[at], []).append(at)
        self._next: dict[int, int] = {}
        self._latest: list[tuple[int, int]] = []  # heap of (minus the next use, expert), some outdated

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._next

    def preload(self, experts: Iterable[int]) -> None:
        """Fill the slots with what is needed first, whatever is proposed."""
        for expert in sorted(self._uses, key=lambda one: self._uses[one][-1])[: self.slots]:
            self._keep(expert, self._uses[expert][-1])

    def used(self, expert: int) -> None:
        """Note when it is needed again."""
        self._keep(expert, self._again(expert))

    def passed(self, expert: int) -> None:
        """Note that this request is over."""
        self._again(expert)

    def admit(self, expert: int) -> int | None:
        """Take it in for the one that is needed again last."""
        again, victim = self._again(expert), None
        if len(self._next) >= self.slots:
            if not self.slots:
                return expert
            victim = self._last_needed()
            if self._bypass and again >= self._next[victim]:
                return expert
            heappop(self._latest)
            del self._next[victim]
        self._keep(expert, again)
        return victim

    def _again(self, expert: int) -> int:
        """When it is needed after the request of now (never: the number of requests)."""
        uses = self._uses[expert]
        uses.pop()
        return uses[-1] if uses else self._never

    def _keep(self, expert: int, again: int) -> None:
        self._next[expert] = again
        heappush(self._latest, (-again, expert))

    def _last_needed(self) -> int:
        while True:
            minus, expert = self._latest[0]
            if self._next.get(expert) == -minus:
                return expert
            heappop(self._latest)
