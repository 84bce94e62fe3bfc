"""The least recently used gives way."""

from collections.abc import Collection

from ahasd.experts.cache.cache import ExpertCache


class Lru(ExpertCache):
    """The expert that was not used for longest gives way."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self._order: dict[int, None] = {}  # the least recently used first

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._order

    def used(self, expert: int) -> None:
        """It is the most recently used one now."""
        del self._order[expert]
        self._order[expert] = None

    def admit(self, expert: int) -> int | None:
        """Take it in for the least recently used."""
        victim = None
        if len(self._order) >= self.slots:
            if not self.slots:
                return expert
            victim = next(iter(self._order))
            del self._order[victim]
        self._order[expert] = None
        return victim
