"""Rules that tensors of all kinds of traces keep; every violation names tensor, row and value."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

Tensor = npt.NDArray[Any]


def check_range(name: str, tensor: Tensor, low: float, high: float, unit: str = "") -> None:
    """Refuse values outside a range, and NaN."""
    outside = ~((tensor >= low) & (tensor <= high))  # NaN fails both comparisons
    refuse(name, tensor, outside, f"must be in [{low:g}, {high:.5g}]{' ' + unit if unit else ''}")


def check_prompt_start(prompt_start: Tensor, positions: int) -> None:
    """Refuse prompts that do not share all positions out among them, one behind the other."""
    if prompt_start.ndim != 1 or len(prompt_start) < 2:
        raise AhasdError(
            f"prompt_start has shape {prompt_start.shape}; must be P+1 numbers for P ≥ 1 prompts"
        )
    starts: list[int] = prompt_start.tolist()
    if starts[0] != 0:
        raise AhasdError(f"prompt_start row 0 is {starts[0]}; must be 0")
    for row, (before, after) in enumerate(pairwise(starts), start=1):
        if after <= before:
            raise AhasdError(f"prompt_start row {row} is {after}; must be above the row before it, {before}")
    if starts[-1] != positions:
        raise AhasdError(f"prompt_start row {len(starts) - 1} is {starts[-1]}; must be N = {positions}")


def refuse(name: str, tensor: Tensor, wrong: npt.NDArray[np.bool_], rule: str) -> None:
    """Raise `AhasdError` at the first entry that is marked as wrong."""
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f"row {at[0]}" + (f", step {at[1]}" if len(at) > 1 else "")
        raise AhasdError(f"{name} {where} is {tensor[at]}; {rule}")


def keep_read_only(trace: Any, tensors: Mapping[str, Tensor]) -> None:
    """Give a frozen trace copies of its tensors, in C order, that cannot be written to.

    Raises
    ------
    AhasdError
        One is no array.
    """
    for name, tensor in tensors.items():
        if not isinstance(tensor, np.ndarray):
            raise AhasdError(f"{name} is a {type(tensor).__name__}; must be a numpy array")
        kept = tensor.copy()
        kept.flags.writeable = False
        object.__setattr__(trace, name, kept)
