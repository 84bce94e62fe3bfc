"""The bound: a policy that knows which guesses are right, and passes nothing else."""

from collections.abc import Callable, Sequence

from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import TokenTree

#: Seconds of a pass over a tree of so many nodes when so many tokens of the text have been emitted.
PassSecondsAt = Callable[[int, int], float]


class Clairvoyant(TreePolicy):
    """Passes the right candidates alone, and of them as many as make the whole text fastest.

    For a text by itself no policy over the same guesses is faster. The texts of a batch are planned one by one, as if
    the others passed as many nodes.

    Parameters
    ----------
    right
        For each text and each number of emitted tokens, the ranks of the text's next tokens among the candidates of
        head 1, 2, …, up to the first that was not guessed.
    seconds
        What passes cost.
    """

    def __init__(self, right: Sequence[Sequence[Sequence[int]]], seconds: PassSecondsAt) -> None:
        self._right = right
        self._plans = [plan_passes([len(ranks) for ranks in row], seconds) for row in right]

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return for each text the chain of right candidates that its plan passes next."""
        return [self._next(row) for row in rows]

    def _next(self, row: Guesses) -> TokenTree:
        nodes = min(self._plans[row.text][row.emitted], row.deepest)
        return TokenTree(tuple(range(-1, nodes - 1)), tuple(self._right[row.text][row.emitted][:nodes]))


def plan_passes(reach: Sequence[int], seconds: PassSecondsAt) -> list[int]:
    """Return for each position the accepted nodes of the next pass with which the end is reached soonest.

    A shortest path from the last position back: a pass over n right nodes leads n + 1 positions on.

    Parameters
    ----------
    reach
        Of each position, how many next tokens were guessed in a row.
    """
    length = len(reach)
    left = [0.0] * (length + 1)
    plan = [0] * length
    for at in reversed(range(length)):
        times = [
            seconds(nodes, at) + left[min(length, at + nodes + 1)]
            for nodes in range(min(reach[at], length - at - 1) + 1)
        ]
        plan[at] = min(range(len(times)), key=times.__getitem__)
        left[at] = times[plan[at]]
    return plan
