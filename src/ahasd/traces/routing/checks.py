"""The rules that the tensors of a routing trace keep; every violation names tensor, row and value."""

from collections.abc import Mapping

import numpy as np

from ahasd.errors import AhasdError
from ahasd.traces.tensor_checks import Tensor, check_prompt_start, check_range, refuse

DTYPES: dict[str, np.dtype[np.generic]] = {
    "chosen": np.dtype(np.int16),
    "prompt_start": np.dtype(np.int32),
    "continuation_start": np.dtype(np.int32),
    "scores": np.dtype(np.float16),
    "ids": np.dtype(np.int16),
    "ahead": np.dtype(np.int16),
}
OPTIONAL = frozenset({"scores", "ids", "ahead"})

#: Beyond the third layer HybriMoE looks no further (arXiv 2504.05897), and nobody else does.
MOST_AHEAD = 3


def check(tensors: Mapping[str, Tensor], experts: int, layers: int) -> None:
    """Check the tensors of one trace.

    Parameters
    ----------
    tensors
        By name; all of `DTYPES` but the optional ones.
    experts, layers
        As the header has them.

    Raises
    ------
    AhasdError
        At the first rule that is broken.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != DTYPES[name]:
            raise AhasdError(f"{name} has dtype {tensor.dtype}; must be {DTYPES[name]}")
    chosen = tensors["chosen"]
    if chosen.ndim != 3 or 0 in chosen.shape:
        raise AhasdError(f"chosen has shape {chosen.shape}; must be T×L×k, none of them 0")
    if chosen.shape[1] != layers:
        raise AhasdError(f"chosen has {chosen.shape[1]} layers; the header names {layers}")
    _check_ids("chosen", chosen, experts)
    if "scores" in tensors:
        _check_scores(tensors, experts)
    elif "ids" in tensors:
        raise AhasdError("ids say whose the scores are, and there are no scores")
    if "ahead" in tensors:
        _check_ahead(tensors["ahead"], chosen, experts)
    check_prompt_start(tensors["prompt_start"], len(chosen))
    _check_continuations(tensors["continuation_start"], tensors["prompt_start"])


def _check_ids(name: str, tensor: Tensor, experts: int) -> None:
    check_range(name, tensor, 0, experts - 1)
    ordered = np.sort(tensor, axis=-1)
    again = np.zeros(tensor.shape, np.bool_)
    again[..., 1:] = ordered[..., 1:] == ordered[..., :-1]
    refuse(name, ordered, again, "stands twice; the experts of a token are different ones")


def _check_scores(tensors: Mapping[str, Tensor], experts: int) -> None:
    chosen, scores = tensors["chosen"], tensors["scores"]
    most = experts if "ids" not in tensors else scores.shape[-1]
    if (
        scores.ndim != 3
        or scores.shape[:2] != chosen.shape[:2]
        or not chosen.shape[2] <= most == scores.shape[2]
    ):
        raise AhasdError(
            f"scores have shape {scores.shape}; must be {chosen.shape[:2]} × the {experts} experts, "
            f"or × m with the tensor ids, m at least {chosen.shape[2]}"
        )
    check_range("scores", scores, 0.0, 1.0)
    if "ids" in tensors:
        ids = tensors["ids"]
        if ids.shape != scores.shape:
            raise AhasdError(f"ids have shape {ids.shape}; must be {scores.shape}, as scores")
        _check_ids("ids", ids, experts)


def _check_ahead(ahead: Tensor, chosen: Tensor, experts: int) -> None:
    tokens, layers, top = chosen.shape
    depth = ahead.shape[2] if ahead.ndim == 4 else 0
    if not 1 <= depth <= MOST_AHEAD or ahead.shape != (tokens, layers, depth, top):
        raise AhasdError(
            f"ahead has shape {ahead.shape}; must be {tokens}×{layers}×D×{top}, D from 1 to {MOST_AHEAD}"
        )
    for d in range(1, depth + 1):
        of_depth, beyond = ahead[:, :, d - 1], np.zeros((tokens, layers, top), np.bool_)
        beyond[:, max(0, layers - d) :] = True
        refuse("ahead", of_depth, beyond & (of_depth != -1), "must be -1 where there is no further layer")
        if d < layers:
            _check_ids("ahead", of_depth[:, : layers - d], experts)


def _check_continuations(starts: Tensor, prompt_start: Tensor) -> None:
    prompts = len(prompt_start) - 1
    if starts.shape != (prompts,):
        raise AhasdError(
            f"continuation_start has shape {starts.shape}; must be one number for each of {prompts} prompts"
        )
    outside = (starts < prompt_start[:-1]) | (starts > prompt_start[1:])
    refuse("continuation_start", starts, outside, "must lie within its prompt")
