"""An expert that its layer passed over gives way."""

from collections.abc import Collection

from ahasd.experts.cache.cache import ExpertCache


class LeastStale(ExpertCache):
    """The expert that the most passes of its own layer left unused gives way.

    Where all layers share a cache, the least recently used expert is often one of the layer that comes next, and so
    about to be used; passes of its own layer do not count that against it. Of equally stale experts the one whose
    layer comes again last gives way. Where each layer has its cache this is the least recently used.

    The idea is SpecMD's (arXiv 2602.03921); only its abstract was at hand, so the rule is our reading of it.

    Parameters
    ----------
    slots
        How many experts fit.
    experts, layers
        Of a layer, and how many layers share the cache.
    """

    def __init__(self, slots: int, experts: int, layers: int) -> None:
        super().__init__(slots)
        self._experts = experts
        self._passes = [0] * layers
        self._layer = layers - 1
        self._last: dict[int, int] = {}

    @property
    def resident(self) -> Collection[int]:
        """The experts in the slots."""
        return self._last

    def _enter(self, expert: int) -> None:
        layer = expert // self._experts
        if layer != self._layer or len(self._passes) == 1:
            self._layer = layer
            self._passes[layer] += 1

    def used(self, expert: int) -> None:
        """It is fresh."""
        self._enter(expert)
        del self._last[expert]
        self._last[expert] = self._passes[expert // self._experts]

    def admit(self, expert: int) -> int | None:
        """Take it in for the most stale."""
        self._enter(expert)
        victim = None
        if len(self._last) >= self.slots:
            if not self.slots:
                return expert
            victim = max(self._last, key=self._staleness)
            del self._last[victim]
        self._last[expert] = self._passes[expert // self._experts]
        return victim

    def _staleness(self, expert: int) -> tuple[int, int]:
        layer = expert // self._experts
        until = (layer - self._layer - 1) % len(self._passes)
        over = self._passes[layer] - (layer == self._layer)  # the present pass may still use it
        return over - self._last[expert], until
