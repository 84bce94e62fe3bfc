"""The extension point for trees: which one is verified in the next pass."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.token_tree import TokenTree


class TreePolicy(ABC):
    """Chooses a tree for every row of a batch, pass by pass.

    Life cycle. Built once for a run. Before each pass the owner calls ``choose`` with what the heads guess for each
    row, and gets as many trees. After the pass it calls ``passed`` with the size of the largest tree and the pass's
    seconds. When the text has grown past a guess it calls ``judged`` with the head and the rank of the truth among
    its candidates; each guess of each head is judged once, whether or not it stood in a tree.

    A policy knows guesses, verdicts and times, never the machine, the text or the host's clock; it holds all its
    state itself. So the same object decides in the simulator and in the runtime.

    No tree is deeper than `Guesses.deepest` allows; one without nodes is plain decoding.
    """

    @abstractmethod
    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return a tree for each row."""

    def passed(self, nodes: int, seconds: float) -> None:  # noqa: B027  # a policy need not measure
        """Learn what a pass took whose largest tree has so many nodes."""

    def judged(self, head: int, rank: int | None) -> None:  # noqa: B027  # nor learn
        """Learn the rank of a truth among a head's candidates, None if it was not there."""
