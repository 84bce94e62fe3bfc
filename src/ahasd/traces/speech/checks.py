"""The rules that the tensors of a speech trace keep; every violation names tensor, row and value."""

from collections.abc import Mapping

import numpy as np

from ahasd.errors import AhasdError
from ahasd.traces.tensor_checks import Tensor, check_range, refuse

DTYPES: dict[str, np.dtype[np.generic]] = {
    "target": np.dtype(np.int32),
    "clip_start": np.dtype(np.int32),
    "milliseconds": np.dtype(np.int32),
    "draft": np.dtype(np.int32),
    "probability": np.dtype(np.float16),
    "runner_up": np.dtype(np.int32),
    "steps": np.dtype(np.uint8),
    "after_runner_up": np.dtype(np.int32),
}
OPTIONAL = frozenset({"after_runner_up"})

#: Draft steps behind every prefix: no more than SpecASR drafts in a round (arXiv 2507.18181).
MOST_STEPS = 24

_OF_STEPS = ("draft", "probability", "runner_up", "steps", "after_runner_up")


def check(tensors: Mapping[str, Tensor], end_token: int) -> None:
    """Check the tensors of one trace.

    Raises
    ------
    AhasdError
        At the first rule that is broken.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != DTYPES[name]:
            raise AhasdError(f"{name} has dtype {tensor.dtype}; must be {DTYPES[name]}")
    target, draft = tensors["target"], tensors["draft"]
    if target.ndim != 1 or not len(target):
        raise AhasdError(f"target has shape {target.shape}; must be N tokens, at least one")
    if draft.ndim != 2 or len(draft) != len(target) or not 1 <= draft.shape[1] <= MOST_STEPS:
        raise AhasdError(f"draft has shape {draft.shape}; must be {len(target)}×K, K from 1 to {MOST_STEPS}")
    for name in _OF_STEPS:
        if name in tensors and tensors[name].shape != draft.shape:
            raise AhasdError(f"{name} has shape {tensors[name].shape}; must be {draft.shape}, as draft")
    refuse("target", target, target < 0, "must be a token")
    _check_clips(tensors, end_token)
    _check_chains(tensors, end_token)


def _check_clips(tensors: Mapping[str, Tensor], end_token: int) -> None:
    target, starts, times = tensors["target"], tensors["clip_start"], tensors["milliseconds"]
    if starts.ndim != 1 or len(starts) < 2 or starts[0] != 0 or starts[-1] != len(target):
        raise AhasdError(f"clip_start must be C+1 numbers from 0 to N = {len(target)}, for C ≥ 1 clips")
    refuse("clip_start", starts[1:], starts[1:] <= starts[:-1], "must be above the row before it")
    if times.shape != (len(starts) - 1,):
        raise AhasdError(f"milliseconds has shape {times.shape}; must be one number for each clip")
    refuse("milliseconds", times, times <= 0, "must be above 0")
    ends = np.zeros(len(target), np.bool_)
    ends[starts[1:] - 1] = True
    refuse("target", target, (target == end_token) & ~ends, "the end token must be a clip's last")


def _check_chains(tensors: Mapping[str, Tensor], end_token: int) -> None:
    draft, steps = tensors["draft"], tensors["steps"]
    none = draft < 0
    refuse("draft", draft, draft < -1, "must be a token, or -1 behind the end")
    behind = np.zeros(draft.shape, np.bool_)
    behind[:, 1:] = none[:, :-1] | (draft[:, :-1] == end_token)
    refuse("draft", draft, behind & ~none, "must be -1 behind the end of its text")
    check_range("probability", tensors["probability"], 0.0, 1.0)
    refuse("runner_up", tensors["runner_up"], tensors["runner_up"] < -1, "must be a token or -1")
    same = (tensors["runner_up"] == draft) & ~none
    refuse("runner_up", tensors["runner_up"], same, "must be another token than the draft's")
    rises = np.ones(draft.shape, np.bool_)
    rises[:, 1:] = steps[:, 1:] >= steps[:, :-1]
    rises[:, 0] = steps[:, 0] >= 1
    refuse("steps", steps, ~rises & ~none, "must be at least 1 and not fall along a row")
    if "after_runner_up" in tensors:
        after = tensors["after_runner_up"]
        refuse("after_runner_up", after, after < -1, "must be a token or -1")
