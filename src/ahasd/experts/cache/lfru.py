"""Frequency and recency together."""

from collections.abc import Collection

from ahasd.experts.cache.cache import ExpertCache


class Lfru(ExpertCache):
    """The expert with the fewest uses for the time since its last gives way.

    Runtimes that call a rule so mix the two in different ways; this one, uses over requests since the last use, is
    ours.
    """

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self._uses: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._now = 0

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._uses

    def used(self, expert: int) -> None:
        """Count a use."""
        self._now += 1
        self._uses[expert] += 1
        self._last[expert] = self._now

    def admit(self, expert: int) -> int | None:
        """Take it in for the one with the fewest uses for the time since the last."""
        self._now += 1
        victim = None
        if len(self._uses) >= self.slots:
            if not self.slots:
                return expert
            uses, last, now = self._uses, self._last, self._now
            victim = min(uses, key=lambda one: uses[one] / (now - last[one]))
            del uses[victim], last[victim]
        self._uses[expert] = 1
        self._last[expert] = self._now
        return victim
