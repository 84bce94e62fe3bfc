"""A prediction against a run: what lives at most, and whether an order changes any bit of the outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.exported.execution import execute
from ahasd.decoding.exported.program import Steps, load_program, steps_of


@dataclass(frozen=True, slots=True)
class Executed:
    """What a run in an order showed.

    Attributes
    ----------
    peak_bytes
        Measured.
    outputs_equal
        Whether all outputs have the same bits as in the given order.
    """

    peak_bytes: int
    outputs_equal: bool

    def sentence(self, predicted: int) -> str:
        """Say it, beside the prediction."""
        same = (
            "as predicted" if self.peak_bytes == predicted else f"not the {predicted:,} that were predicted"
        )
        outputs = "the same bits as" if self.outputs_equal else "other bits than"
        said = f"Run in this order: {self.peak_bytes:,} bytes lived at most, {same};"
        return f"{said} outputs have {outputs} in the given order."


def execute_file(path: Path, order: Sequence[int]) -> Executed:
    """Run a ``.pt2`` in the given and in another order, on the inputs that it came with, or on drawn ones.

    Raises
    ------
    AhasdError
        It cannot be read or run.
    """
    steps = steps_of(load_program(path), str(path))
    inputs = inputs_of(steps)
    given = execute(steps, range(len(steps.calls)), inputs)
    ours = execute(steps, order, inputs)
    return Executed(ours.peak_bytes, same_bits(given.outputs, ours.outputs))


def same_bits(first: Any, second: Any) -> bool:
    """Whether tensors by name are the same, bit by bit."""
    return first.keys() == second.keys() and all(
        torch.equal(_bits(first[name]), _bits(second[name])) for name in first
    )


def inputs_of(steps: Steps) -> dict[str, Any]:
    """Tensors for all that a program is given: its own example, else drawn with seed 0."""
    example = steps.program.example_inputs
    flat = torch.utils._pytree.tree_leaves(example) if example is not None else []
    if len(flat) == len(steps.program.graph_signature.user_inputs):
        named = dict(zip(steps.program.graph_signature.user_inputs, flat, strict=True))
        return {name: named[name] for name in steps.given}
    generator = torch.Generator().manual_seed(0)
    return {name: _drawn(steps.tensors[name], generator) for name in steps.given}


def _drawn(like: Any, generator: Any) -> Any:
    if like.dtype.is_floating_point:
        return torch.randn(tuple(like.shape), generator=generator).to(like.dtype)
    return torch.randint(0, 2, tuple(like.shape), generator=generator).to(like.dtype)


def _bits(tensor: Any) -> Any:
    return tensor.contiguous().view(torch.uint8) if tensor.dim() and tensor.numel() else tensor.reshape(-1)
