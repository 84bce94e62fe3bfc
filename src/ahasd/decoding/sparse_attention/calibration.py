"""Which heads of a real model need the whole context: how far its output moves when a head streams."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import RetrievalPrompt
from ahasd.decoding.sparse_attention.settings import SparseSettings, check_room
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.pattern import HeadPattern
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import AllPages
from ahasd.sparse_attention.pages.window import Window


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """What was measured.

    Attributes
    ----------
    deviation
        L×H: squared distance of the last hidden states from the dense model's, over their squared length, at the
        tokens of the answers, where this head alone streams; the mean over prompts.
    known
        Share of the answers' tokens that the dense model gives right: heads that retrieve can only be seen in a model
        that retrieves.
    least_needed, even
        Deviation where the half of the heads that need the context least streams, and where half of every layer does.
    """

    deviation: npt.NDArray[np.float64]
    known: float
    least_needed: float
    even: float

    def pattern(self, name: str) -> HeadPattern:
        """The deviations over the greatest of them, as a table of needs.

        Raises
        ------
        AhasdError
            No head changed anything.
        """
        most = float(self.deviation.max())
        if not most > 0:
            raise AhasdError(
                f"no head of '{name}' changes the answers when it streams: the prompts lie within the window; take "
                "longer ones, or a smaller --sink and --recent"
            )
        return HeadPattern(name, self.deviation / most, "measured deviation")


def calibrate(
    weights: LlamaWeights,
    prompts: Sequence[RetrievalPrompt],
    window: Window,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration:
    """Let each head stream alone, and measure how far the answers' hidden states move.

    DuoAttention (arXiv 2410.10819, section 2.2) learns all gates at once from the same distance; one head at a time
    is ours. The haystack is read densely; question and answer are read as decode steps would be.

    Raises
    ------
    AhasdError
        There is no prompt, a prompt does not fit the model, or lies within the window.
    """
    if not prompts:
        raise AhasdError("no prompts to calibrate with")
    for prompt in prompts:
        check_room(weights, prompt.length, 0)
        window.check_fits(prompt.length)
    layers, heads = len(weights.layers), weights.key_value_heads
    runner = MaskedRunner(weights)
    runner.keep_states = True
    moved, known, total = np.zeros((layers, heads)), 0, len(prompts) * (layers * heads + 2)
    whole: list[tuple[RetrievalPrompt, Any]] = []
    for number, prompt in enumerate(prompts):
        dense, right = _dense(runner, prompt)
        whole.append((prompt, dense))
        known += right
        for at in np.ndindex(layers, heads):
            classes = np.full((layers, heads), HeadClass.DENSE, np.int8)
            classes[at] = HeadClass.STREAMING
            moved[at] += _moved(runner, prompt, dense, HeadSplit(classes), window) / len(prompts)
            progress(number * (layers * heads + 2) + at[0] * heads + at[1] + 1, total)
    pattern = HeadPattern("measured", moved / max(float(moved.max()), np.finfo(float).tiny), "")
    halves = (
        HeadSplit.by_need(pattern, 0.5, HeadClass.DENSE),
        HeadSplit.even(layers, heads, 0.5, HeadClass.DENSE),
    )
    both = [0.0, 0.0]
    for prompt, dense in whole:
        runner.settings = None
        runner.reset()
        runner.forward(prompt.haystack, rows=0)
        for number, split in enumerate(halves):
            both[number] += _moved(runner, prompt, dense, split, window) / len(prompts)
    progress(total, total)
    answered = sum(len(prompt.answer) for prompt in prompts)
    return Calibration(moved, known / answered, *both)


def _dense(runner: MaskedRunner, prompt: RetrievalPrompt) -> tuple[Any, int]:
    """Read a prompt densely; give the states before the answer's tokens, and how many of these are known."""
    runner.settings = None
    runner.reset()
    runner.forward(prompt.haystack, rows=0)
    logits = runner.forward(_behind(prompt), rows=len(prompt.answer))
    right = int((logits.argmax(-1).cpu() == torch.tensor(prompt.answer)).sum())
    return runner.states.double(), right


def _moved(
    runner: MaskedRunner, prompt: RetrievalPrompt, dense: Any, split: HeadSplit, window: Window
) -> float:
    """Deviation of a split; the cache holds the haystack."""
    runner.settings = SparseSettings(split, AllPages(Paging(window=window)))
    runner.roll_back(len(prompt.haystack))
    runner.forward(_behind(prompt), rows=len(prompt.answer))
    away = (runner.states.double() - dense).square().sum()
    return float(away / dense.square().sum())


def _behind(prompt: RetrievalPrompt) -> list[int]:
    """What is read behind the haystack: the answer's last token leads to nothing that is asked for."""
    return [*prompt.question, *prompt.answer[:-1]]
