"""Speculative sampling (Leviathan et al. 2211.17192, Chen et al. 2302.01318)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ahasd.decoding.backend import torch
from ahasd.decoding.rules.context import RuleContext
from ahasd.decoding.rules.distributions import draw
from ahasd.decoding.rules.greedy_rule import describe
from ahasd.decoding.rules.rule import DecodingRule, Judgement, Proposal
from ahasd.decoding.rules.warping import Warping, fit_vocabulary


class SamplingRule(DecodingRule):
    """A proposal drawn from q is accepted with probability min(1, p/q), else replaced from norm(max(0, p − q)).

    Every draw uses a fresh random number. (Numbers tied to positions would be used again when a position is
    drafted again, and a policy that learns from what was drafted would make that choice depend on them.)

    Parameters
    ----------
    context
        Vocabulary of the target, adjustments of logits and what these need to know.
    warping
        Temperature and filters of the request, for both models.
    generator
        Draws of this side: the two sides must have independent ones.
    """

    needs_distribution = True

    def __init__(self, context: RuleContext, warping: Warping, generator: np.random.Generator) -> None:
        self._context, self._warping, self._generator = context, warping, generator

    def propose(self, logits: Any, text: Sequence[int]) -> Proposal:
        """Draw the draft's token from q."""
        logits = self._context.adjusted(logits[None], text)
        q = self._distributions(logits)
        return describe(int(self._draw(q)[0]), logits[0], self._warping.temperature, q[0])

    def certain(self, token: int) -> Proposal:
        """Propose a copied token; q is 1 there, so that it is accepted with probability p."""
        q = torch.zeros(self._context.vocabulary)
        q[token] = 1.0
        return Proposal(token, 0.0, 1.0, q)

    def judge(
        self, proposals: Sequence[Proposal], logits: Any, text: Sequence[int], own: bool = True
    ) -> Judgement:
        """Throw a coin for each proposal until one is rejected."""
        drafted = [proposal.token for proposal in proposals]
        p = self._distributions(self._context.adjusted(logits[: len(proposals) + own], text, drafted))
        # One transfer for all proposals.
        pairs = [
            torch.stack((row[proposal.token], proposal.distribution[proposal.token].to(row.device)))
            for row, proposal in zip(p, proposals, strict=False)
        ]
        for index, (wanted, proposed) in enumerate(torch.stack(pairs).tolist() if pairs else []):
            if not self._generator.random() * proposed < wanted:
                residual = self._residual(p[index], proposals[index].distribution)
                return Judgement(index, int(self._draw(residual[None])[0]))
        if not own:
            return Judgement(len(proposals), None)
        return Judgement(len(proposals), int(self._draw(p[len(proposals) :])[0]))

    def _residual(self, p: Any, q: Any) -> Any:
        """What is left for the target after a rejection, not normalised."""
        residual = (p - q.to(p.device)).clamp_min(0)
        # Rounding may leave nothing where the two are equal; then p is as good as its difference to q.
        return residual if bool(residual.any()) else p

    def _distributions(self, logits: Any) -> Any:
        return fit_vocabulary(self._warping.apply(logits), self._context.vocabulary).softmax(dim=-1)

    def _draw(self, weights: Any) -> Any:
        return draw(weights.double(), self._generator.random(len(weights)))
