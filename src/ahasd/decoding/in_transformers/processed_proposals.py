"""Proposals drawn as transformers would draw them: through the logits processors of the request."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.rules.greedy_rule import describe
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.rules.warping import fit_vocabulary

#: Processors that leave tokens out of a draw; what a policy reads is the distribution before the first of them, as in
#: `Proposal`.
FILTERS = (
    "TopKLogitsWarper",
    "TopPLogitsWarper",
    "TopHLogitsWarper",
    "MinPLogitsWarper",
    "TypicalLogitsWarper",
    "EpsilonLogitsWarper",
    "EtaLogitsWarper",
)


class ProcessedProposals:
    """The draft's half of a decoding rule, with the logits processors and the random numbers of transformers.

    Parameters
    ----------
    processors
        Those that ``generate`` prepared for the request, for both models.
    do_sample
        Whether tokens are drawn, by torch's own generator, or the likeliest are taken.
    vocabulary
        Of the target; the draft's is cut or padded to it.
    device
        Of the target, where the processors work.
    prompt, visible
        The prompt as it was given, which the processors see, and the number of its tokens that the models see.
    """

    def __init__(
        self,
        processors: Sequence[Any],
        do_sample: bool,
        vocabulary: int,
        device: Any,
        prompt: Sequence[int],
        visible: int,
    ) -> None:
        self._do_sample, self._vocabulary, self._device = do_sample, vocabulary, device
        self._prompt, self._visible = list(prompt), visible
        filters = tuple(getattr(transformers.generation.logits_process, name) for name in FILTERS)
        first = next(
            (place for place, each in enumerate(processors) if isinstance(each, filters)), len(processors)
        )
        self._before, self._filters = list(processors)[:first], list(processors)[first:]

    def propose(self, logits: Any, text: Sequence[int]) -> Proposal:
        """Propose the token behind a text, from the draft's logits (draft vocabulary,)."""
        ids = torch.tensor([[*self._prompt, *text[self._visible :]]], device=self._device)
        # Processors may write into what they are given.
        scores = fit_vocabulary(logits[None].to(self._device), self._vocabulary).clone()
        for processor in self._before:
            scores = processor(ids, scores)
        seen = scores.clone()
        for processor in self._filters:
            scores = processor(ids, scores)
        if not self._do_sample:
            return describe(int(scores[0].argmax()), seen[0], 1.0)
        distribution = scores[0].softmax(dim=-1)
        token = int(torch.multinomial(distribution, 1))
        return describe(token, seen[0], 1.0, distribution)

    def certain(self, token: int) -> Proposal:
        """Propose a token that was copied."""
        if not self._do_sample:
            return Proposal(token, 0.0, 1.0)
        distribution = torch.zeros(self._vocabulary, device=self._device)
        distribution[token] = 1.0
        return Proposal(token, 0.0, 1.0, distribution)
