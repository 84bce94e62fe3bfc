"""Rules without a coin: a proposal is right if it is what the target would write there."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch
from ahasd.decoding.rules.context import RuleContext
from ahasd.decoding.rules.rule import DecodingRule, Judgement, Proposal
from ahasd.decoding.rules.warping import Warping, fit_vocabulary

#: The stream of random numbers of the shared noise (ours).
NOISE_STREAM = 102

#: Noise kept for draft and target of one process, so that it is drawn once (ours).
POSITIONS_KEPT = 64


class GreedyRule(DecodingRule):
    """Both models take their best token; a proposal is accepted while it is the target's best.

    Entropies and probabilities are those at temperature 1.

    Parameters
    ----------
    context
        Vocabulary of the target, adjustments of logits and what these need to know.
    """

    needs_distribution = False

    def __init__(self, context: RuleContext) -> None:
        self._context = context

    @property
    def takes_best(self) -> bool:
        """Whether no adjustment comes before the choice."""
        return not self._context.adjustments

    def propose(self, logits: Any, text: Sequence[int]) -> Proposal:
        """Propose the draft's best token."""
        rows = self._context.adjusted(logits[None], text)
        return describe(int(self._scores(rows, len(text)).argmax()), rows[0], self._temperature)

    def judge(
        self, proposals: Sequence[Proposal], logits: Any, text: Sequence[int], own: bool = True
    ) -> Judgement:
        """Accept while the proposal is the target's best token."""
        rows = len(proposals) + own
        drafted = [proposal.token for proposal in proposals]
        scores = self._scores(self._context.adjusted(logits[:rows], text, drafted), len(text))
        wanted = scores.argmax(dim=-1).tolist()
        accepted = 0
        while accepted < len(proposals) and proposals[accepted].token == wanted[accepted]:
            accepted += 1
        decided = min(accepted + 1, rows)
        best, second = scores[:decided].topk(2, dim=-1).values.unbind(dim=-1)
        return Judgement(
            accepted,
            wanted[accepted] if accepted < rows else None,
            tuple((best - second).tolist()),
            tuple(best.tolist()),
        )

    _temperature = 1.0

    def _scores(self, logits: Any, position: int) -> Any:
        """What to take the best of: one row per position, from `position` on."""
        return logits


class CoupledRule(GreedyRule):
    """Draft and target sample with the same Gumbel noise (arXiv 2408.07978).

    The token at a position is the argmax of log-probability + noise, a draw from the distribution (the Gumbel
    trick). The noise is a function of seed, prompt and position, so the text is a function of seed and target,
    whatever the draft proposes and when. The closer the models, the more often they draw the same token.

    Parameters
    ----------
    context
        As of `GreedyRule`.
    warping
        Temperature and filters of the request.
    seed, prompt_index
        Of the request.
    """

    def __init__(self, context: RuleContext, warping: Warping, seed: int, prompt_index: int) -> None:
        super().__init__(context)
        self._warping, self._temperature = warping, warping.temperature
        self._key, self._vocabulary = (seed, prompt_index), context.vocabulary

    @property
    def takes_best(self) -> bool:
        """No: noise comes before the choice."""
        return False

    def _scores(self, logits: Any, position: int) -> Any:
        # Double precision: float32 noise would make ties likely among a hundred thousand tokens.
        warped = fit_vocabulary(self._warping.apply(logits.double()), self._vocabulary)
        noise = np.stack([self._noise(position + row) for row in range(len(warped))])
        return warped + torch.from_numpy(noise).to(warped.device)

    def _noise(self, position: int) -> npt.NDArray[np.float64]:
        return gumbel_noise(*self._key, position, self._vocabulary)


def gumbel_noise(seed: int, prompt_index: int, position: int, size: int) -> npt.NDArray[np.float64]:
    """Draw the noise of a position, standard Gumbel, (size,)."""
    key = (seed, prompt_index, position, size)
    kept = _kept.get(key)
    if kept is None:
        while len(_kept) >= POSITIONS_KEPT:
            _kept.pop(next(iter(_kept)))
        raw = np.random.PCG64(
            np.random.SeedSequence([NOISE_STREAM, seed, prompt_index, position])
        ).random_raw(size)
        # The upper 53 bits, in the middle of their interval: never 0 or 1, where the logarithm ends.
        uniform = np.ldexp((raw >> np.uint64(11)).astype(np.float64) + 0.5, -53)
        kept = _kept[key] = -np.log(-np.log(uniform))
    return kept


_kept: dict[tuple[int, int, int, int], npt.NDArray[np.float64]] = {}


def describe(token: int, logits: Any, temperature: float, distribution: Any = None) -> Proposal:
    """Put a proposal together.

    Parameters
    ----------
    token
        Its id.
    logits
        The draft's (vocabulary,), adjusted; entropy and probability are those of their softmax at `temperature`.
    """
    logarithms = torch.log_softmax(logits if temperature == 1.0 else logits / temperature, dim=-1)
    entropy = -float(torch.dot(logarithms.exp(), logarithms))
    if math.isnan(entropy):  # a token that may not come has 0 times minus infinity
        entropy = float(torch.special.entr(logarithms.exp()).sum())
    return Proposal(token, max(entropy, 0.0), math.exp(float(logarithms[token])), distribution)
