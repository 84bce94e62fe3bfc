"""Small traces with chosen entropies."""

import numpy as np
import pytest

from ...hand_made import hand_made_trace


def make_trace(entropy, prompts=8, acceptance=0.5, predicted=None, probability=0.5):
    return hand_made_trace(
        np.ones(np.shape(entropy)),
        np.linspace(0, len(entropy), prompts + 1).astype(np.int32),
        entropy=entropy,
        acceptance_probability=acceptance,
        draft_probability=probability,
        target_entropy=1.0,
        predicted_acceptance=predicted,
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
