"""The extension point for what a pass over a tree takes."""

from abc import ABC, abstractmethod


class PassTime(ABC):
    """Learns from passes that ran what one over a tree of any size takes.

    Life cycle: built for a run; told of each pass by ``observe``; asked by ``seconds`` between passes. It counts its
    age in passes, never in the host's time. All passes are of one batch.
    """

    @abstractmethod
    def observe(self, nodes: int, seconds: float) -> None:
        """Learn that a pass over so many nodes took so long."""

    @abstractmethod
    def seconds(self, nodes: int) -> float:
        """Return what a pass over so many nodes is expected to take.

        Raises
        ------
        ValueError
            Too few passes were observed; `wants` names a size to try.
        """

    @abstractmethod
    def wants(self, offered: tuple[int, ...]) -> int | None:
        """Return a size that has to be tried before the others can be told apart; None if none has."""
