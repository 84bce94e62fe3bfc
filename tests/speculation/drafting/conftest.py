"""Small traces with chosen entropies."""

import numpy as np
import pytest

from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace


def make_trace(entropy, prompts=8, acceptance=0.5, predicted=None, probability=0.5):
    entropy = np.asarray(entropy, dtype=np.float16)
    header = TraceHeader(
        draft="draft",
        target="target",
        tokenizer_hash="none",
        mode="sampled",
        temperature=1.0,
        seed=0,
        prompts="made by hand",
        tool_version="test",
    )
    return RolloutTrace(
        header=header,
        entropy=entropy,
        draft_probability=np.broadcast_to(probability, entropy.shape).astype(np.float16),
        acceptance_probability=np.broadcast_to(acceptance, entropy.shape).astype(np.float16),
        accepted=np.ones(entropy.shape, dtype=np.uint8),
        target_entropy=np.ones(len(entropy), dtype=np.float16),
        prompt_start=np.linspace(0, len(entropy), prompts + 1).astype(np.int32),
        predicted_acceptance=None if predicted is None else np.asarray(predicted, dtype=np.float16),
    )


@pytest.fixture
def trace_of():
    """entropies (rows × steps), and more by keyword → a sampled trace."""
    return make_trace


@pytest.fixture
def random_trace():
    """A trace of 800 × 16, entropies exponential about 1 nat, predicted acceptances of a Beta(6, 2)."""
    random = np.random.default_rng(0)
    entropy = random.exponential(1.0, size=(800, 16)).clip(0, 12)
    return make_trace(entropy, predicted=random.beta(6, 2, size=entropy.shape))
