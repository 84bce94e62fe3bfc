"""The extension point for trees: which one is verified in the next pass."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from sys import maxsize

from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.token_tree import TokenTree


class TreePolicy(ABC):
    """Chooses a tree for every text of a batch, pass by pass.

    Life cycle. Built once for a run. Before each pass the owner calls ``choose`` with what the heads guess for each
    text, and gets as many trees. After the pass it calls ``settled`` for each text, with the nodes that it took, and
    ``passed`` with the nodes of the largest tree and the seconds of the round: of the pass and, if they ran, of the
    heads. When a text has grown past a guess it calls
    ``judged`` with the head and the rank of the truth among its candidates; each guess of each head is judged once,
    whether or not it stood in a tree.

    Where it `reads_probability`, the heads run before ``choose``. It is asked by ``levels`` how many of them, again
    after each where they run one after another.

    A policy knows guesses, verdicts and times, never the machine, the text or the host's clock; it holds all its
    state itself. So the same object decides in the simulator and in the runtime.

    No tree is deeper than `Guesses.deepest` allows; one without nodes is plain decoding.

    Attributes
    ----------
    reads_probability
        Whether ``choose`` looks at what the heads say. Where it does not, the heads run after it, and only if a tree
        has nodes.
    """

    reads_probability = False

    def levels(self, rows: Sequence[Guesses]) -> int:
        """Return how many levels should be guessed for all texts, given those in `Guesses.probability`.

        As many as there are, or fewer, end the guessing; more than there can be mean all. Asked only where
        `reads_probability`.
        """
        return maxsize

    @abstractmethod
    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return a tree for each text."""

    def settled(self, text: int, accepted: int, seconds: float) -> None:  # noqa: B027  # nor learn from verdicts
        """Learn how many nodes of a text's tree were accepted in a round of so many seconds."""

    def passed(self, nodes: int, seconds: float) -> None:  # noqa: B027  # a policy need not measure
        """Learn what a pass took whose largest tree has so many nodes."""

    def judged(  # noqa: B027  # nor learn
        self, head: int, rank: int | None, said: Sequence[float] = ()
    ) -> None:
        """Learn the rank of a truth among a head's candidates, None if it was not there.

        Parameters
        ----------
        said
            What the head said of each candidate; nothing where no policy reads it.
        """
