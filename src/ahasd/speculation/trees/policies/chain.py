"""A tree of width one: the heads' first candidates, as many as a drafting algorithm lets pass."""

from collections.abc import Sequence
from copy import deepcopy
from math import log

from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import NO_TREE, TokenTree, chain
from ahasd.traces.rollout.walk import DraftSignals


class DraftedChain(TreePolicy):
    """AdaEDL, SVIP or another drafting algorithm on heads, which give it the same signals as a draft does.

    Of a head only the likeliest candidates are known: its entropy is that of these and of all others as one, which is
    at most the true one (ours). All heads have guessed before the first is asked about, so a chain that stops saves
    passes' width, no guessing.

    Parameters
    ----------
    drafting
        The algorithm; every text of the batch gets a copy of it as it is.
    """

    reads_probability = True

    def __init__(self, drafting: DraftingPolicy) -> None:
        self._fresh = deepcopy(drafting)
        self._texts: dict[int, DraftingPolicy] = {}
        self._round = 0
        self._drafted: dict[int, int] = {}

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Ask about each head's first candidate in turn."""
        self._round += 1
        self._drafted = {}
        return [self._draft(row) for row in rows]

    def settled(self, text: int, accepted: int, seconds: float) -> None:
        """Tell a text's algorithm the verdict on its chain."""
        length = self._drafted.get(text)
        if length:
            self._texts[text].verified(self._round, length, accepted, seconds)
        elif length == 0:
            self._texts[text].passed_alone(seconds)

    def _draft(self, row: Guesses) -> TokenTree:
        if row.deepest == 0:
            return NO_TREE
        policy = self._texts.setdefault(row.text, deepcopy(self._fresh))
        if not policy.drafts():
            self._drafted[row.text] = 0
            return NO_TREE
        policy.start(self._round)
        length = 0
        for head in row.probability[: row.deepest]:
            length += 1
            if policy.should_stop(DraftSignals(_entropy(head), head[0], None)):
                break
        self._drafted[row.text] = length
        return chain(length)


def _entropy(probability: Sequence[float]) -> float:
    """Return the entropy, in nats, of some candidates and of all others as one."""
    rest = max(0.0, 1.0 - sum(probability))
    return -sum(each * log(each) for each in (*probability, rest) if each > 0.0)
