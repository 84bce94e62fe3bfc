"""The experts that are there from the beginning stay."""

from collections.abc import Collection, Iterable

from ahasd.experts.cache.cache import ExpertCache


class StaticHot(ExpertCache):
    """What is preloaded, the hottest experts of another text, stays; what is fetched is used and dropped."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self._held: frozenset[int] = frozenset()

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._held

    def preload(self, experts: Iterable[int]) -> None:
        """Fill the slots for good."""
        self._held = frozenset(experts)

    def used(self, expert: int) -> None:
        """Nothing depends on uses."""

    def admit(self, expert: int) -> int | None:
        """Keep nothing that was not there."""
        return expert
