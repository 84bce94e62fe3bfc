"""What a cache of experts is, in the simulator and in the runtime alike."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence


class ExpertCache(ABC):
    """Slots of fast memory, each with one expert or none, and the rule by which experts give way.

    Life cycle: `preload` once, if at all. Then for every token and layer `routed`, and for each expert that the
    token takes, the highest score first, `used` (it is resident), `admit` (it was fetched) or `passed` (it was
    computed elsewhere). What is fetched for later is admitted when it arrives. An expert is a number: its own within
    a layer where each layer has its cache, or ``layer * experts + expert`` where all layers share one.

    Parameters
    ----------
    slots
        How many experts fit, at least 0.
    """

    #: Whether it knows the future, and so cannot run.
    knows_the_future = False

    def __init__(self, slots: int) -> None:
        self.slots = slots

    @property
    @abstractmethod
    def resident(self) -> Collection[int]:
        """The experts in the slots; asking whether it holds one takes no time."""

    def preload(self, experts: Iterable[int]) -> None:
        """Fill slots before the first token, with at most as many experts as there are slots."""
        for expert in experts:
            if expert not in self.resident:
                self.admit(expert)

    def routed(self, experts: Sequence[int], scores: Sequence[float]) -> None:  # noqa: B027  # most do not look
        """Hear the router: the experts with the highest scores of this token in this layer, falling."""

    @abstractmethod
    def used(self, expert: int) -> None:
        """A resident expert is used."""

    @abstractmethod
    def admit(self, expert: int) -> int | None:
        """Take in an expert that was fetched.

        Returns
        -------
        int or None
            The expert that gives way; this one itself if it is not kept; None if a slot was free.
        """

    def passed(self, expert: int) -> None:  # noqa: B027  # most do not look
        """A missing expert is computed elsewhere; nothing is taken in."""

    def request(self, expert: int) -> bool:
        """Use an expert, fetching it if need be; whether it was resident."""
        if expert in self.resident:
            self.used(expert)
            return True
        self.admit(expert)
        return False
