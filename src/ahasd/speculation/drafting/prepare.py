"""Settling what an algorithm takes from a trace, before the rest of the trace is replayed."""

from dataclasses import dataclass, replace

from ahasd.speculation.drafting.calibrate import calibrate
from ahasd.speculation.drafting.predictor import with_fitted_predictor
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class Prepared:
    """An algorithm that is ready to build, and what it may be run on.

    Attributes
    ----------
    algorithm
        With every number known.
    trace
        What is to be replayed: without the prompts that were held out, if any were looked at, and with
        predicted acceptances, if the algorithm needs them.
    """

    algorithm: AlgorithmSpec
    trace: RolloutTrace


def prepare(spec: AlgorithmSpec, trace: RolloutTrace) -> Prepared:
    """Fit a predictor where the algorithm needs one and the trace has none, then calibrate.

    Both look at the held-out prompts alone, and what they have looked at is not replayed.

    Raises
    ------
    AhasdError
        If the trace has too few prompts to hold any out, or no threshold gives the stated length.
    """
    if spec.algorithm.needs_predicted_acceptance and trace.predicted_acceptance is None:
        trace = with_fitted_predictor(trace, str(spec))
        spec = replace(spec, predictor_fitted=True)
    spec = calibrate(spec, trace)
    if spec.predictor_fitted or spec.mean_draft_length is not None:
        _, trace = trace.split_prompts()
    return Prepared(spec, trace)
