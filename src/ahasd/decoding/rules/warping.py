"""Temperature, top-k, top-p and min-p, as in transformers."""

from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.adjustments import NEVER


@dataclass(frozen=True, slots=True)
class Warping:
    """Shapes logits before tokens are drawn: temperature, then top-k, top-p and min-p.

    Ties and borders are those of transformers: top-k keeps what ties with the k-th, top-p the smallest set of
    likeliest tokens that reaches the probability.

    Parameters
    ----------
    temperature, top_k, top_p, min_p
        See `GenerationRequest`.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None

    @classmethod
    def of(cls, request: GenerationRequest) -> "Warping":
        """Take what a request says."""
        return cls(request.temperature, request.top_k, request.top_p, request.min_p)

    def apply(self, logits: Any) -> Any:
        """Give the warped logits of rows (rows, vocabulary); what is out has -inf."""
        if self.temperature != 1.0:
            logits = logits / self.temperature
        if self.top_k is not None and self.top_k < logits.shape[-1]:
            least = logits.topk(self.top_k, dim=-1).values[..., -1:]
            logits = logits.masked_fill(logits < least, NEVER)
        if self.top_p is not None and self.top_p < 1:
            ordered, order = logits.sort(dim=-1)
            out = ordered.softmax(dim=-1).cumsum(dim=-1) <= 1 - self.top_p
            out[..., -1] = False
            logits = logits.masked_fill(out.scatter(-1, order, out), NEVER)
        if self.min_p:
            probability = logits.softmax(dim=-1)
            least = self.min_p * probability.amax(dim=-1, keepdim=True)
            logits = logits.masked_fill(probability < least, NEVER)
        return logits


def fit_vocabulary(logits: Any, size: int) -> Any:
    """Cut or pad rows of logits to the target's vocabulary: what the draft does not have, it never draws."""
    have = logits.shape[-1]
    if have >= size:
        return logits[..., :size]
    return torch.nn.functional.pad(logits, (0, size - have), value=NEVER)
