"""Predicting acceptance where a trace has no trained head: a logistic regression on what the draft shows."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ahasd.errors import AhasdError
from ahasd.traces.rollout.rollout import RolloutTrace

#: Weight of rejections in the loss, that of the published head (SpecDec++, README of its code): its outputs lie below
#: the acceptance, p/(p + 6·(1 − p)), and a published threshold supposes such outputs.
REJECTION_WEIGHT = 6.0

#: Penalty on the squared coefficients per token, so that a trace that is always accepted has a solution; ours.
RIDGE = 1e-4

MOST_STEPS = 100

#: Newton's method ends when no coefficient moves by more; it takes some 8 steps. Both ours.
ACCURACY = 1e-9


@dataclass(frozen=True, slots=True)
class AcceptancePredictor:
    """p_acc = σ(coefficients · (1, entropy, draft probability, step)), each of the three standardised.

    Attributes
    ----------
    coefficients
        4 numbers, of the constant first.
    means, deviations
        3 numbers each, of the prompts it was fitted on.
    """

    coefficients: NDArray[np.float64]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]

    def predict(self, trace: RolloutTrace) -> NDArray[np.float16]:
        """Predict every step of every row, N×K."""
        columns = np.column_stack(
            [np.ones(trace.entropy.size), (_features(trace) - self.means) / self.deviations]
        )
        predicted: NDArray[np.float16] = (
            _sigmoid(columns @ self.coefficients).reshape(trace.entropy.shape).astype(np.float16)
        )
        return predicted


def fit_predictor(trace: RolloutTrace) -> AcceptancePredictor:
    """Fit on every step of every row of a trace: soft labels min(1, p/q), rejections weighted 6-fold.

    The same loss as that of the published acceptance head, so that thresholds mean the same; only what it
    looks at is less: entropy and probability instead of the hidden state.
    """
    features = _features(trace)
    means, deviations = features.mean(axis=0), features.std(axis=0)
    deviations[deviations == 0] = 1.0
    columns = np.column_stack([np.ones(len(features)), (features - means) / deviations])
    label = trace.acceptance_probability.astype(np.float64).ravel()
    weight = label + REJECTION_WEIGHT * (1 - label)
    penalty = RIDGE * len(label) * np.eye(columns.shape[1])
    coefficients = np.zeros(columns.shape[1])
    for _ in range(MOST_STEPS):
        output = _sigmoid(columns @ coefficients)
        slope = columns.T @ (weight * output - label) + penalty @ coefficients
        curvature = (columns * (weight * output * (1 - output))[:, None]).T @ columns + penalty
        step = np.linalg.solve(curvature, slope)
        # Newton's steps on this convex loss are long only far from the solution.
        coefficients -= step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < ACCURACY:
            break
    return AcceptancePredictor(coefficients, means, deviations)


def with_fitted_predictor(trace: RolloutTrace, algorithm: str) -> RolloutTrace:
    """Give a trace the predictions of a predictor that was fitted on its held-out prompts.

    Parameters
    ----------
    trace
        A whole trace without `predicted_acceptance`.
    algorithm
        Who needs it, for the message of an error.

    Returns
    -------
    RolloutTrace
        All its prompts; `RolloutTrace.split_prompts` says which are to be replayed.

    Raises
    ------
    AhasdError
        If there are too few prompts to hold one out.
    """
    if trace.prompts < 2:
        raise AhasdError(
            f"algorithm '{algorithm}' needs predicted acceptances; the trace has none, and a single prompt "
            "leaves none to fit a predictor on. Use a trace recorded with an acceptance head (the shipped ones "
            "are), or one of two prompts or more, or another algorithm"
        )
    held_out, _ = trace.split_prompts()
    notes = "predicted acceptance by a logistic regression fitted on held-out prompts"
    header = replace(trace.header, notes="; ".join(filter(None, [trace.header.notes, notes])))
    return replace(trace, header=header, predicted_acceptance=fit_predictor(held_out).predict(trace))


def _features(trace: RolloutTrace) -> NDArray[np.float64]:
    step = np.broadcast_to(np.arange(trace.steps), trace.entropy.shape)
    columns = [trace.entropy, trace.draft_probability, step]
    return np.column_stack([np.asarray(column, dtype=np.float64).ravel() for column in columns])


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    # Without overflow: exp of a large positive number is never taken.
    small = np.exp(-np.abs(x))
    y: NDArray[np.float64] = np.where(x >= 0, 1.0, small) / (1 + small)
    return y
