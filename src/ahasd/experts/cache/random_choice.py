"""Any expert gives way."""

from collections.abc import Collection

import numpy as np

from ahasd.experts.cache.cache import ExpertCache


class RandomChoice(ExpertCache):
    """One of the resident experts gives way, each with the same chance."""

    def __init__(self, slots: int, seed: int = 0) -> None:
        super().__init__(slots)
        self._where: dict[int, int] = {}
        self._held: list[int] = []
        self._draws = np.random.PCG64(seed)

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._where

    def used(self, expert: int) -> None:
        """Nothing depends on uses."""

    def admit(self, expert: int) -> int | None:
        """Take it in for any other."""
        if len(self._held) < self.slots:
            self._where[expert] = len(self._held)
            self._held.append(expert)
            return None
        if not self.slots:
            return expert
        at = (int(self._draws.random_raw()) * self.slots) >> 64
        victim, self._held[at] = self._held[at], expert
        del self._where[victim]
        self._where[expert] = at
        return victim
