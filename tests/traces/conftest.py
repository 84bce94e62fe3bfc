"""Small traces made by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ahasd.traces.rollout.rollout import RolloutTrace, TraceHeader

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
    accepted: Any, prompt_start: list[int] | None = None, mode: str = "sampled", **tensors: Any
) -> RolloutTrace:
    """Make a trace from its coins; entropy is row + step / 8, so that a signal tells where it came from."""
    coins = np.asarray(accepted, np.uint8)
    positions, steps = coins.shape
    where = np.arange(positions)[:, None] + np.arange(steps) / 8
    given: dict[str, Any] = {
        "entropy": (where % 13).astype(np.float16),
        "draft_probability": np.full(coins.shape, 0.5, np.float16),
        "acceptance_probability": coins.astype(np.float16) if mode == "greedy" else None,
        "accepted": coins,
        "target_entropy": np.zeros(positions, np.float16),
        "prompt_start": np.array(prompt_start or [0, positions], np.int32),
    }
    if mode == "sampled":
        given["acceptance_probability"] = np.full(coins.shape, 0.5, np.float16)
    return RolloutTrace(replace(HEADER, mode=mode), **(given | tensors))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_trace() -> MakeTrace:
    return _make_trace


@pytest.fixture(scope="session")
def hand_made() -> RolloutTrace:
    return _make_trace(HAND_COINS, [0, 4, 6])
