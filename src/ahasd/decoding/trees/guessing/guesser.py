"""The extension point of what guesses the tokens of trees."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.judging import Candidates


@dataclass(frozen=True, slots=True)
class RowGuess:
    """What is guessed behind the text of a row.

    Parameters
    ----------
    candidates
        For the first token behind it, the second, …: the likeliest ones, each list of different tokens. No lists
        where nothing is guessed.
    probability
        What the guesser says of each.
    """

    candidates: Candidates = ()
    probability: Probabilities = ()


#: Whether one token more should be guessed for all rows, given what is guessed so far.
GoesOn = Callable[[Sequence[RowGuess]], bool]


class TreeGuesser(ABC):
    """Guesses the next tokens behind the texts of a batch, for every depth on its own.

    Life cycle: ``start`` with so many rows; then for every row ``read`` whenever its text has grown, in the order of
    the text; ``guess`` before a round with a tree. Rounds without one may come between: only ``read`` is called then,
    and it should do no work that a later ``guess`` could do. ``select`` when rows leave, ``start`` again for other
    texts.

    Guesses never change what the text becomes; so nothing here is drawn at random.

    Attributes
    ----------
    name
        What messages and traces call it.
    depth
        Tokens that it can guess behind a text.
    top
        Candidates for each of them.
    reads_states
        Whether ``read`` needs the target's states.
    is_free
        Whether guessing takes no time to speak of; then it comes before a tree is chosen, which knows how much there
        is.
    along_path
        Whether guesses of a depth suppose that the likeliest candidates before it are right, and are made one after
        another.
    says_chances
        Whether what it says of a guess tells how likely that is right.
    prior
        How often each candidate is right, (depth, top) by rank, on text that it was not made from; where
        `along_path`, of the places where those before are.
    """

    name: str
    depth: int
    top: int
    reads_states: bool
    along_path: bool
    is_free: bool
    says_chances: bool = True
    prior: Probabilities

    @abstractmethod
    def start(self, rows: int) -> None:
        """Forget the old texts."""

    @abstractmethod
    def read(self, row: int, tokens: Sequence[int], states: Any) -> None:
        """Take in tokens that the target has read.

        Parameters
        ----------
        states
            The target's last states behind them, (tokens, width); None unless `reads_states`.
        """

    @abstractmethod
    def guess(
        self, texts: Sequence[Sequence[int]], depth: int, goes_on: GoesOn | None = None
    ) -> list[RowGuess]:
        """Guess behind the texts of all rows.

        Parameters
        ----------
        texts
            All tokens of each row, of which all but the last were read.
        depth
            Tokens that are wanted at most, from 1 to `depth`.
        goes_on
            Where tokens are guessed one after another, it is asked behind each but the last, given what is guessed so
            far; a guesser that guesses all at once need not ask.
        """

    @abstractmethod
    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows, counted anew from 0."""
