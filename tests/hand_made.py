"""Small rollout traces made by hand."""

from dataclasses import replace
from typing import Any

import numpy as np

from ahasd.traces.header import Mode, TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace

HEADER = TraceHeader("draft", "target", "none", "sampled", 1.0, 0, "made by hand", "test")


def hand_made_trace(
    accepted: Any,
    prompt_start: Any = None,
    mode: Mode = "sampled",
    header: TraceHeader = HEADER,
    **values: Any,
) -> RolloutTrace:
    """Make a trace from its coins (to be walked with ``coins="recorded"``) and values, each a number or a tensor.

    What is not given: one prompt, entropies of 1 nat, probabilities of 1/2; in a greedy trace the acceptance
    probabilities are the coins.
    """
    coins = np.asarray(accepted, np.uint8)
    shapes = {"target_entropy": coins.shape[:1]}
    given = {
        "entropy": 1.0,
        "draft_probability": 0.5,
        "acceptance_probability": coins if mode == "greedy" else 0.5,
        "target_entropy": 0.0,
    } | values
    starts = [0, len(coins)] if prompt_start is None else prompt_start
    return RolloutTrace(
        header=replace(header, mode=mode),
        accepted=coins,
        prompt_start=np.asarray(starts, np.int32),
        **{
            name: np.broadcast_to(np.asarray(value, np.float16), shapes.get(name, coins.shape))
            for name, value in given.items()
            if value is not None
        },
    )
