"""The rules that the tensors of a rollout trace keep; every violation names tensor, row and value."""

import math
from collections.abc import Mapping

import numpy as np

from ahasd.errors import AhasdError
from ahasd.traces.tensor_checks import Tensor, check_prompt_start, check_range, refuse

#: Entropy of the uniform distribution over 2^20 tokens, nats; no vocabulary in use is larger (ours).
MAX_ENTROPY_NATS = 20 * math.log(2)

DTYPES: dict[str, np.dtype[np.generic]] = {
    "entropy": np.dtype(np.float16),
    "draft_probability": np.dtype(np.float16),
    "acceptance_probability": np.dtype(np.float16),
    "accepted": np.dtype(np.uint8),
    "target_entropy": np.dtype(np.float16),
    "prompt_start": np.dtype(np.int32),
    "predicted_acceptance": np.dtype(np.float16),
}
OPTIONAL = frozenset({"predicted_acceptance"})


def check(tensors: Mapping[str, Tensor], greedy: bool) -> None:
    """Check the tensors of one trace.

    Parameters
    ----------
    tensors
        By name; all of `DTYPES` but the optional ones.
    greedy
        Whether acceptance probabilities must be 0 or 1 and equal to the coins.

    Raises
    ------
    AhasdError
        At the first rule that is broken.
    """
    _check_shapes(tensors)
    for name in ("entropy", "target_entropy"):
        check_range(name, tensors[name], 0.0, MAX_ENTROPY_NATS, "nats")
    for name in ("draft_probability", "acceptance_probability", "predicted_acceptance"):
        if name in tensors:
            check_range(name, tensors[name], 0.0, 1.0)
    check_range("accepted", tensors["accepted"], 0, 1)
    if greedy:
        probability, coins = tensors["acceptance_probability"], tensors["accepted"]
        refuse(
            "acceptance_probability",
            probability,
            (probability != 0) & (probability != 1),
            "must be 0 or 1 in a greedy trace",
        )
        refuse("accepted", coins, coins != probability, "must equal acceptance_probability in a greedy trace")
    check_prompt_start(tensors["prompt_start"], len(tensors["entropy"]))


def _check_shapes(tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if tensor.dtype != DTYPES[name]:
            raise AhasdError(f"{name} has dtype {tensor.dtype}; must be {DTYPES[name]}")
    shape = tensors["entropy"].shape
    if len(shape) != 2 or 0 in shape:
        raise AhasdError(
            f"entropy has shape {shape}; must be N×K, at least one position N and at least one draft step K"
        )
    for name, tensor in tensors.items():
        if name == "prompt_start":
            continue
        expected = shape[:1] if name == "target_entropy" else shape
        if tensor.shape != expected:
            raise AhasdError(f"{name} has shape {tensor.shape}; must be {expected}, as entropy is {shape}")
