"""What an expert makes of a hidden state, by the rule of its own model."""

import math
from collections.abc import Mapping
from typing import Any

from ahasd.decoding.backend import torch


def weights_of(slot: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """The weights in a slot (numbers,), by name, not copied."""
    found, start = {}, 0
    for name, shape in shapes.items():
        count = math.prod(shape)
        found[name] = slot[start : start + count].view(shape)
        start += count
    return found


def expert_output(experts: Any, weights: Mapping[str, Any], hidden: Any) -> Any:
    """Apply one expert to hidden states (tokens, width).

    It computes the products that the module's own forward does, in its order, so that the numbers are the same.

    Parameters
    ----------
    experts
        The module of transformers, which says how its stacks are laid out and what joins gate and up.
    weights
        Of one expert, named as its stacks.
    """
    both = _product(experts, hidden, weights["gate_up_proj"], weights.get("gate_up_proj_bias"))
    return _product(experts, experts._apply_gate(both), weights["down_proj"], weights.get("down_proj_bias"))


def _product(experts: Any, x: Any, weight: Any, bias: Any) -> Any:
    product = x @ weight if experts.is_transposed else torch.nn.functional.linear(x, weight)
    return product if bias is None else product + bias
