"""What a trace amounts to, in the numbers that speculative decoding depends on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace

#: Draft length of `TraceStatistics.mean_accepted` (ours; the middle of the lengths in use).
DRAFT_LENGTH = 8

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class TraceStatistics:
    """Numbers of one trace. Acceptance is expected over the coins, not counted from the recorded ones.

    Parameters
    ----------
    header
        The trace's own header.
    sha256
        The trace's hash.
    positions, steps, prompts
        N, K, P.
    acceptance_first
        Mean acceptance probability at step 0, where the path is the target's own text.
    acceptance_conditional
        Mean acceptance probability over all steps, each given its path, also after a rejection.
    draft_length
        min(8, K).
    mean_accepted
        Mean number of leading accepted tokens of the first `draft_length`.
    entropy_mean
        Mean entropy of the draft over all steps, nats.
    entropy_quantiles
        {share: entropy in nats} at 5, 25, 50, 75 and 95 %.
    target_entropy_mean
        Mean entropy of the target over the positions, nats.
    auc_low_entropy
        Probability that an accepted token has a lower entropy than a rejected one, ties counted half, over
        all steps; None where all tokens are accepted or all rejected.
    auc_predicted
        The same for high `predicted_acceptance`; None also where the trace has none.
    predicted_mean
        Mean of `predicted_acceptance`; None where the trace has none. A head that was trained with more weight
        on rejections lies below the acceptance.
    recorded_acceptance
        Share of ones among the recorded coins.
    """

    header: TraceHeader
    sha256: str
    positions: int
    steps: int
    prompts: int
    acceptance_first: float
    acceptance_conditional: float
    draft_length: int
    mean_accepted: float
    entropy_mean: float
    entropy_quantiles: dict[float, float]
    target_entropy_mean: float
    auc_low_entropy: float | None
    auc_predicted: float | None
    predicted_mean: float | None
    recorded_acceptance: float


def summarize(trace: RolloutTrace) -> TraceStatistics:
    """Compute the statistics of a trace."""
    acceptance = trace.acceptance_probability.astype(np.float64)
    entropy = trace.entropy.astype(np.float64)
    draft_length = min(DRAFT_LENGTH, trace.steps)
    predicted = trace.predicted_acceptance
    return TraceStatistics(
        header=trace.header,
        sha256=trace.sha256,
        positions=trace.positions,
        steps=trace.steps,
        prompts=trace.prompts,
        acceptance_first=trace.mean_acceptance,
        acceptance_conditional=float(acceptance.mean()),
        draft_length=draft_length,
        # E[leading ones] = Σ_m P(the first m are all accepted).
        mean_accepted=float(acceptance[:, :draft_length].cumprod(axis=1).sum(axis=1).mean()),
        entropy_mean=float(entropy.mean()),
        entropy_quantiles=dict(zip(_QUANTILES, np.quantile(entropy, _QUANTILES).tolist(), strict=True)),
        target_entropy_mean=float(trace.target_entropy.mean(dtype=np.float64)),
        auc_low_entropy=expected_auc(entropy, acceptance),
        auc_predicted=None if predicted is None else expected_auc(-predicted.astype(np.float64), acceptance),
        predicted_mean=None if predicted is None else float(predicted.mean(dtype=np.float64)),
        recorded_acceptance=float(trace.accepted.mean(dtype=np.float64)),
    )


def expected_auc(score: npt.NDArray[np.floating], acceptance: npt.NDArray[np.floating]) -> float | None:
    """Return the AUC of low score (entropy, say) → accepted when each token is accepted with its probability.

    The Mann-Whitney statistic with midranks (Hanley and McNeil, Radiology 143, 1982), each token counted
    as accepted with weight p and as rejected with weight 1 − p. With p of 0 and 1 it is the usual AUC.

    Parameters
    ----------
    score, acceptance
        Of the same shape; any numbers, and probabilities in [0, 1].

    Returns
    -------
    float or None
        None if the weight of either class is zero.
    """
    _, level = np.unique(score.ravel(), return_inverse=True)
    accepted = np.bincount(level, weights=acceptance.ravel())
    rejected = np.bincount(level) - accepted
    rejected_above = rejected.sum() - rejected.cumsum()
    pairs = accepted.sum() * rejected.sum()
    if pairs == 0:
        return None
    return float((accepted * (rejected_above + rejected / 2)).sum() / pairs)
