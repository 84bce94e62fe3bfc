"""SmolLM2-135M as a draft of itself: the same layers with fewer bits, about half of the bytes of an 8-bit target.

A 7B model that drafts for one of 13B reads 0.54 of its bytes; a model of 4.5 bits a weight that drafts for itself at
8 reads 0.56. A second size of SmolLM2 cannot be installed from a package registry; this is the draft of such a share
that a real target can have here.
"""

import copy

import torch

from ahasd.decoding.models.language_model import LanguageModel

#: Bits of a weight, and weights that share a scale and an offset of 16 bits each: 4.5 bits a weight.
BITS, GROUP = 4, 64

#: By how much the range of a group may be cut; the cut that leaves the least squared error is taken.
_CUTS = (1.0, 0.9, 0.8, 0.7, 0.6)


def quantised(weight: torch.Tensor, bits: int = BITS, group: int = GROUP) -> torch.Tensor:
    """Round a matrix (outputs, inputs) to `bits` bits by groups of inputs, and give what it then stands for."""
    outputs, inputs = weight.shape
    values = weight.reshape(outputs, inputs // group, group)
    low, high = values.amin(-1, keepdim=True), values.amax(-1, keepdim=True)
    best = torch.zeros_like(values)
    least = torch.full_like(low, torch.inf)
    for cut in _CUTS:
        step = ((high - low) * cut / (2**bits - 1)).clamp(min=torch.finfo(values.dtype).tiny)
        rounded = ((values - low * cut) / step).round().clamp(0, 2**bits - 1) * step + low * cut
        error = ((rounded - values) ** 2).sum(-1, keepdim=True)
        best = torch.where(error < least, rounded, best)
        least = torch.minimum(error, least)
    return best.reshape(outputs, inputs)


def self_draft(target: LanguageModel, name: str) -> LanguageModel:
    """Give the target with its layers quantised; embeddings and output layer stay as they are."""
    model = copy.deepcopy(target.model)
    with torch.no_grad():
        for part, module in model.named_modules():
            if isinstance(module, torch.nn.Linear) and part != "lm_head":
                module.weight.copy_(quantised(module.weight))
    return LanguageModel(name, model, target.tokenizer)
