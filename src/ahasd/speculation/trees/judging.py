"""Judging guesses once the text has grown past them: in the simulator and in the runtime alike."""

from collections import deque
from collections.abc import Iterator, Sequence

from ahasd.speculation.trees.guesses import Probabilities

#: H×m: the candidates' tokens, heads by depth, the likeliest first.
Candidates = Sequence[Sequence[int]]


class PendingGuesses:
    """The guesses of one row of a batch that wait for the text to reach the tokens they are about.

    ``guessed`` takes what the heads guess behind the text's last token, the root, and what they say of it; ``text``
    takes the tokens that come behind it, and yields a verdict for every guess about them.

    Parameters
    ----------
    along_path
        Whether a guess supposes that the likeliest candidates before it were right, as that of a draft that reads its
        own tokens does: then it is judged only if they were.
    """

    def __init__(self, along_path: bool = False) -> None:
        self._along_path = along_path
        #: With each guess, how many tokens have come behind its root.
        self._waiting: deque[tuple[Candidates, Probabilities, int]] = deque()

    def guessed(self, candidates: Candidates, probability: Probabilities = ()) -> None:
        """Keep what the heads guess behind the present end of the text, and what they say of it if that is asked."""
        self._waiting.append((candidates, probability, 0))

    def text(self, tokens: Sequence[int]) -> Iterator[tuple[int, int | None, Sequence[float]]]:
        """Take the tokens that come next in the text.

        Yields
        ------
        tuple
            A head, from 0; the rank of the truth among its candidates, None if it was not among them; and what the
            head said of them, nothing if that was not kept.
        """
        still: deque[tuple[Candidates, Probabilities, int]] = deque()
        for candidates, probability, reached in self._waiting:
            left_path = False
            for head, token in zip(range(reached, len(candidates)), tokens, strict=False):
                rank = rank_of(token, candidates[head])
                yield head, rank, probability[head] if probability else ()
                left_path = self._along_path and rank != 0
                if left_path:
                    break
            if not left_path and reached + len(tokens) < len(candidates):
                still.append((candidates, probability, reached + len(tokens)))
        self._waiting = still

    def forget(self) -> None:
        """Drop what waits: the text ended."""
        self._waiting.clear()


def rank_of(token: int, candidates: Sequence[int]) -> int | None:
    """Return the rank of a token among candidates; None if it is none of them."""
    return next((rank for rank, candidate in enumerate(candidates) if candidate == token), None)
