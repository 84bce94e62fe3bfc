"""Small traces made by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ahasd.traces.header import Mode, TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace

from ..hand_made import hand_made_trace

HEADER = TraceHeader(
    draft="tiny-draft",
    target="tiny-target",
    tokenizer_hash="abc",
    mode="sampled",
    temperature=1.0,
    seed=7,
    prompts="made by hand",
    tool_version="0",
)

# Six rows of three steps, two prompts: rows 0-3 and rows 4-5.
HAND_COINS = [
    [1, 1, 1],
    [1, 0, 1],
    [0, 1, 1],
    [1, 1, 1],
    [1, 1, 0],
    [0, 0, 1],
]

MakeTrace = Callable[..., RolloutTrace]


def _make_trace(
    accepted: Any, prompt_start: list[int] | None = None, mode: Mode = "sampled", **tensors: Any
) -> RolloutTrace:
    """Make a trace from its coins; entropy is row + step / 8, so that a signal tells where it came from."""
    positions, steps = np.shape(accepted)
    where = np.arange(positions)[:, None] + np.arange(steps) / 8
    return hand_made_trace(accepted, prompt_start, mode, HEADER, **({"entropy": where % 13} | tensors))


@pytest.fixture(scope="session")
def make_trace() -> MakeTrace:
    return _make_trace


@pytest.fixture(scope="session")
def hand_made() -> RolloutTrace:
    return _make_trace(HAND_COINS, [0, 4, 6])
