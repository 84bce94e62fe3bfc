"""Decoding rules: how tokens are proposed and judged, so that the text is the target's own."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """A token that the draft proposes; what the verifier and the drafting policy need to know of it.

    Parameters
    ----------
    token
        Its id.
    entropy
        Of the draft's distribution (at the request's temperature, before top-k and top-p), nats.
    probability
        The draft's probability of the token in that distribution.
    distribution
        q, what the token was drawn from, over the target's vocabulary, float32 tensor (vocabulary,); None
        where the verdict does not need it (`DecodingRule.needs_distribution`).
    """

    token: int
    entropy: float
    probability: float
    distribution: Any = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the target makes of proposals.

    Parameters
    ----------
    accepted
        Leading proposals that became text.
    own_token
        The target's own token behind them; None if it was not asked for (all were accepted and the position
        behind them is left to `DecodingRule.judge_next` or `DecodingRule.own`).
    margins
        For every token of the text decided here, how far the target's best score lies above its second best
        (logits; with coupled noise, perturbed ones). Empty in independent sampling, where none is taken.
    best
        The best score of each of these, to which the margin's rounding is relative.
    """

    accepted: int
    own_token: int | None
    margins: tuple[float, ...] = ()
    best: tuple[float, ...] = ()


class DecodingRule(ABC):
    """Proposes tokens from the draft's logits and judges them by the target's.

    A rule belongs to one side of one request: it may hold the state of a random generator. Draft and target
    build theirs from the same request (`ahasd.decoding.rules.build_rule`), in one process or two.

    Whatever decides how many tokens are drafted and when they are verified, the text is distributed as the
    target alone writes it, as long as every token that was proposed is judged in its turn or dropped for a
    rejection before it, never for its own value.

    Positions are those of the whole text: the prompt's first token has position 0, the token behind a text has its
    length.
    """

    needs_distribution: bool
    """Whether a verdict needs `Proposal.distribution`."""

    @property
    def takes_best(self) -> bool:
        """Whether it takes the largest logit as it is, so that many rows can be decided at once."""
        return False

    @abstractmethod
    def propose(self, logits: Any, text: Sequence[int]) -> Proposal:
        """Propose the token behind a text.

        Parameters
        ----------
        logits
            The draft's, float32 tensor (draft vocabulary,).
        text
            All tokens before, those of the prompt included.
        """

    def certain(self, token: int) -> Proposal:
        """Propose a token that was not drawn but copied: its probability is 1."""
        return Proposal(token, 0.0, 1.0)

    @abstractmethod
    def judge(
        self, proposals: Sequence[Proposal], logits: Any, text: Sequence[int], own: bool = True
    ) -> Judgement:
        """Judge proposals in their order up to the first rejection.

        Parameters
        ----------
        proposals
            Perhaps none.
        logits
            The target's, one row before each proposal and one behind the last, float32 (proposals + 1,
            vocabulary).
        text
            All tokens before the first proposal, those of the prompt included.
        own
            Whether to take the target's own token also when all are accepted. Asynchronous decoding leaves it
            open, because the drafter may already have proposed a token there.
        """

    def judge_next(self, proposal: Proposal, row: Any, text: Sequence[int]) -> Judgement:
        """Judge one more proposal by the row (vocabulary,) of logits before it: accepted, or one own token."""
        return self.judge([proposal], row[None], text, own=False)

    def own(self, row: Any, text: Sequence[int]) -> Judgement:
        """Take the target's own token behind a text, from the row (vocabulary,) of logits there."""
        return self.judge([], row[None], text)
