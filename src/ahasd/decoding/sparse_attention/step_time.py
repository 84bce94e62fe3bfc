"""What a real step takes of a processor, and reads, beside a dense one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.settings import SparseSettings
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner


@dataclass(frozen=True, slots=True)
class StepTime:
    """A decode step.

    Attributes
    ----------
    processor_s
        Seconds of the processor, all threads together; the median over the steps.
    read
        Bytes of keys, values and bounds, as a share of a dense step's; of the last step.
    """

    processor_s: float
    read: float


def step_times(
    weights: LlamaWeights,
    runner: MaskedRunner,
    text: Sequence[int],
    count: int,
    ways: Sequence[SparseSettings],
) -> list[StepTime]:
    """Time the last so many steps of a text, densely and each way, by turns: what else the machine does meets all.

    Parameters
    ----------
    runner
        Reads what comes before densely, and makes the dense steps.

    Returns
    -------
    list
        The dense step first.
    """
    prompt, steps = text[: len(text) - count], text[len(text) - count :]
    runner.read_densely(prompt)
    runner.settings = None
    sparse = [SparseRunner(weights, way) for way in ways]
    for one in sparse:
        one.take_over(runner)
    seconds: list[list[float]] = []
    for token in steps:
        seconds.append([_seconds(one, token) for one in (runner, *sparse)])
    taken = [median(each) for each in zip(*seconds, strict=True)]
    shares = [1.0, *(one.bytes_read / one.dense_bytes for one in sparse)]
    return [StepTime(*both) for both in zip(taken, shares, strict=True)]


def _seconds(runner: ModelRunner, token: int) -> float:
    start = time.process_time()
    runner.forward([token], rows=1)
    return time.process_time() - start
