"""The rules that the tensors of a tree trace keep; every violation names tensor, row and value."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.traces.tensor_checks import Tensor, check_prompt_start, check_range, refuse

DTYPES: dict[str, np.dtype[np.generic]] = {
    "candidates": np.dtype(np.int32),
    "probability": np.dtype(np.float16),
    "taken": np.dtype(np.int32),
    "prompt_start": np.dtype(np.int32),
    "early": np.dtype(np.int32),
}
OPTIONAL = frozenset({"early"})

#: Where a text has no further token.
NOTHING = -1

#: Heads and candidates at most: no published tree is half as deep or as wide (ours).
MOST_HEADS, MOST_CANDIDATES = 16, 64


def check(tensors: Mapping[str, Tensor], early_layers: int) -> None:
    """Check the tensors of one trace.

    Parameters
    ----------
    tensors
        By name; all of `DTYPES` but the optional ones.
    early_layers
        How many the header names.

    Raises
    ------
    AhasdError
        At the first rule that is broken.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != DTYPES[name]:
            raise AhasdError(f"{name} has dtype {tensor.dtype}; must be {DTYPES[name]}")
    candidates = tensors["candidates"]
    if candidates.ndim != 3 or 0 in candidates.shape:
        raise AhasdError(f"candidates have shape {candidates.shape}; must be N×H×m, none of them 0")
    positions, heads, most = candidates.shape
    if heads > MOST_HEADS or most > MOST_CANDIDATES:
        raise AhasdError(
            f"candidates are of {heads} heads, {most} of each; a trace holds at most {MOST_HEADS} and "
            f"{MOST_CANDIDATES}"
        )
    _check_tokens("candidates", candidates)
    _check_probability(tensors["probability"], candidates)
    check_prompt_start(tensors["prompt_start"], positions)
    _check_taken(tensors["taken"], tensors["prompt_start"], heads)
    _check_early(tensors.get("early"), positions, early_layers)


def _check_tokens(name: str, tensor: Tensor) -> None:
    check_range(name, tensor, 0, np.iinfo(np.int32).max)
    ordered = np.sort(tensor, axis=-1)
    again = np.zeros(tensor.shape, np.bool_)
    again[..., 1:] = ordered[..., 1:] == ordered[..., :-1]
    refuse(name, ordered, again, "stands twice; a head's candidates are different tokens")


def _check_probability(probability: Tensor, candidates: Tensor) -> None:
    if probability.shape != candidates.shape:
        raise AhasdError(
            f"probability has shape {probability.shape}; must be {candidates.shape}, as candidates"
        )
    check_range("probability", probability, 0.0, 1.0)
    rising = np.zeros(probability.shape, np.bool_)
    rising[..., 1:] = probability[..., 1:] > probability[..., :-1]
    refuse("probability", probability, rising, "must not be above the candidate before it")
    total = probability.astype(np.float64).sum(axis=-1)
    # float16 has 11 bits.
    refuse("probability", total, total > 1.0 + candidates.shape[2] * 2.0**-11, "the sum must be at most 1")


def _check_taken(taken: Tensor, prompt_start: Tensor, heads: int) -> None:
    positions = int(prompt_start[-1])
    if taken.shape != (positions, heads):
        raise AhasdError(f"taken has shape {taken.shape}; must be {(positions, heads)}, N×H of candidates")
    check_range("taken", taken, NOTHING, np.iinfo(np.int32).max)
    after_end = np.zeros(taken.shape, np.bool_)
    after_end[:, 1:] = (taken[:, :-1] == NOTHING) & (taken[:, 1:] != NOTHING)
    refuse("taken", taken, after_end, f"must be {NOTHING}, as the text has ended before it")
    same_text = np.ones(positions, np.bool_)
    same_text[prompt_start[1:-1]] = False
    differs: npt.NDArray[np.bool_] = np.zeros(taken.shape, np.bool_)
    known = taken[:-1, 1:] != NOTHING
    differs[1:, :-1] = known & (taken[:-1, 1:] != taken[1:, :-1]) & same_text[1:, None]
    refuse("taken", taken, differs, "must be what the row before it took one step later")


def _check_early(early: Tensor | None, positions: int, layers: int) -> None:
    if early is None:
        if layers:
            raise AhasdError(f"lacks the tensor early; the header names {layers} early layers")
        return
    if early.ndim != 3 or early.shape[:2] != (positions, layers) or 0 in early.shape:
        raise AhasdError(f"early has shape {early.shape}; must be {positions}×{layers}×k, none of them 0")
    _check_tokens("early", early)
