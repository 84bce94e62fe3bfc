"""The bound: a policy that knows which guesses are right, and passes nothing else."""

from collections.abc import Callable, Sequence

from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import TokenTree

#: Seconds of a pass over a tree of so many nodes when so many tokens of the text have been emitted.
PassSecondsAt = Callable[[int, int], float]


class Clairvoyant(TreePolicy):
    """Passes the right candidates alone, and of them as many as make the whole text fastest.

    For a row by itself no policy over the same guesses is faster. The rows of a batch are planned one by one, as if
    the others passed as many nodes.

    Parameters
    ----------
    right
        For each row and each number of emitted tokens, the ranks of the text's next tokens among the candidates of
        head 1, 2, …, up to the first that was not guessed.
    seconds
        What passes cost.
    """

    def __init__(self, right: Sequence[Sequence[Sequence[int]]], seconds: PassSecondsAt) -> None:
        self._right = right
        self._plans = [plan_passes([len(ranks) for ranks in row], seconds) for row in right]

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return for each row the chain of right candidates that its plan passes next."""
        return [self._next(number, row) for number, row in enumerate(rows)]

    def _next(self, number: int, row: Guesses) -> TokenTree:
        plan = self._plans[number]
        nodes = min(plan[row.emitted] if row.emitted < len(plan) else 0, row.deepest)
        return TokenTree(tuple(range(-1, nodes - 1)), tuple(self._right[number][row.emitted][:nodes]))


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
