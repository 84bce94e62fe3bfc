"""The verdict on a tree: which path of it becomes text, so that the text is the target's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.rules.rule import DecodingRule, Judgement
from ahasd.speculation.trees.token_tree import ROOT, TokenTree


@dataclass(frozen=True, slots=True)
class TreeVerdict:
    """What becomes text.

    Parameters
    ----------
    path
        The accepted nodes, each a child of the one before, the first of the root.
    own_token
        The target's own token behind them.
    judgements
        One for each token that was decided.
    refused
        Whether the tree went on where the path ends, and none of its candidates there was the target's token.
    """

    path: tuple[int, ...]
    own_token: int
    judgements: tuple[Judgement, ...]
    refused: bool


def judge_tree(
    rule: DecodingRule, tree: TokenTree, tokens: Sequence[int], logits: Any, text: Sequence[int]
) -> TreeVerdict:
    """Follow the target's own tokens from the root as long as the tree holds them.

    At every node the target takes its own next token as it would alone: its best one, or a draw from its
    distribution. If a child holds it, the child becomes text and the next token is taken there; if none does, it is
    the last one of the pass. So the text is the target's own whatever the tree holds, as long as the tree does not
    depend on the draws.

    That is the rule of several drafts (SpecInfer, arXiv 2305.09781; Sequoia, 2402.12374) for candidates that are
    given rather than drawn: with q = 1 at a child, accepting it with min(1, p/q) and going on to the next child with
    what is left of p accepts child x with probability p(x), and no rule accepts more of given children than that.

    Parameters
    ----------
    rule
        Of the target's side of the request.
    tokens
        Of the nodes.
    logits
        The target's behind the root and behind each node, (1 + nodes or more, vocabulary).
    text
        All tokens up to the root, that one included.
    """
    known, at = list(text), ROOT
    path: list[int] = []
    judgements: list[Judgement] = []
    while True:
        verdict = rule.own(logits[at + 1], known)
        assert verdict.own_token is not None
        judgements.append(verdict)
        children = tree.children.get(at, ())
        child = next((node for node in children if tokens[node] == verdict.own_token), None)
        if child is None:
            return TreeVerdict(tuple(path), verdict.own_token, tuple(judgements), bool(children))
        path.append(child)
        known.append(verdict.own_token)
        at = child
