"""The least frequently used gives way."""

from collections.abc import Collection

from ahasd.experts.cache.cache import ExpertCache


class Lfu(ExpertCache):
    """The expert with the fewest uses since it came in gives way; of several, the one whose last use is oldest."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self._uses: dict[int, int] = {}
        self._by_uses: dict[int, dict[int, None]] = {}  # in the order in which they came to so many uses
        self._fewest = 1

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._uses

    def used(self, expert: int) -> None:
        """Count a use."""
        uses = self._uses[expert]
        self._uses[expert] = uses + 1
        alike = self._by_uses[uses]
        del alike[expert]
        if not alike:
            del self._by_uses[uses]
            if self._fewest == uses:
                self._fewest = uses + 1
        self._by_uses.setdefault(uses + 1, {})[expert] = None

    def admit(self, expert: int) -> int | None:
        """Take it in for the one with the fewest uses."""
        victim = None
        if len(self._uses) >= self.slots:
            if not self.slots:
                return expert
            alike = self._by_uses[self._fewest]
            victim = next(iter(alike))
            del alike[victim], self._uses[victim]
            if not alike:
                del self._by_uses[self._fewest]
        self._uses[expert] = 1
        self._by_uses.setdefault(1, {})[expert] = None
        self._fewest = 1
        return victim
