"""Distributions over the next token, and draws from them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch


def probabilities(logits: Any, temperature: float) -> Any:
    """Turn logits into probabilities, in double precision, along the last axis.

    Parameters
    ----------
    logits
        Tensor of shape (..., vocabulary).
    temperature
        Divides the logits; above 0.
    """
    return torch.softmax(logits.double() / temperature, dim=-1)


def entropy_nats(probability: Any) -> Any:
    """Give the Shannon entropy of distributions (..., vocabulary), in nats, shape (...)."""
    return torch.special.entr(probability).sum(dim=-1)


def draw(probability: Any, uniform: npt.NDArray[np.float64]) -> Any:
    """Draw one token from each distribution by inverting its cumulative sum.

    Parameters
    ----------
    probability
        Tensor of shape (rows, vocabulary).
    uniform
        Numbers in [0, 1), shape (rows,).

    Returns
    -------
    torch.Tensor
        Tokens, shape (rows,); never one of probability 0.
    """
    cumulative = probability.cumsum(dim=-1)
    total = cumulative[:, -1:]
    threshold = torch.as_tensor(uniform, device=probability.device)[:, None] * total
    # Rounding could put the threshold on the total itself; just below it lies the last token that adds to it.
    below = torch.nextafter(total, torch.zeros_like(total))
    return torch.searchsorted(cumulative, torch.minimum(threshold, below), right=True)[:, 0]


def uniform(seed: int, stream: int, prompt: int, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Draw numbers in [0, 1) from PCG64 integers, the same on every platform.

    Parameters
    ----------
    seed, stream, prompt
        Which numbers: every stream of every prompt has its own.
    shape
        How many.
    """
    raw = np.random.PCG64(np.random.SeedSequence([stream, seed, prompt])).random_raw(int(np.prod(shape)))
    # The upper 53 bits fill the mantissa of a float64 exactly.
    return np.ldexp((raw >> np.uint64(11)).astype(np.float64), -53).reshape(shape)
