"""Setting the threshold of an algorithm so that its batches have a stated mean length on a trace."""

from collections.abc import Callable, Mapping
from math import sqrt

import numpy as np

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.rollout.rollout import RolloutTrace

#: Where the search begins if a parameter may be near 0: a rule stops there at once or never; ours.
SMALLEST_THRESHOLD = 1e-9

#: Relative width at which the search ends; float16 entropies lie 5e-4 apart.
RESOLUTION = 1e-6

#: Significant digits that are kept, well within the resolution, so that reports stay readable.
DIGITS = 9

#: Share by which the mean length may miss the stated one: a trace holds finitely many entropies; ours.
TOLERANCE = 0.05


def calibrate(spec: AlgorithmSpec, trace: RolloutTrace) -> AlgorithmSpec:
    """Set the threshold of `spec` on the held-out prompts of a trace.

    Every held-out row is the start of a batch; the batch ends where the rule says, at the policy's maximum,
    or at the last recorded step. The threshold whose mean batch length is the stated one is found by
    bisection. Only what the draft shows is looked at (entropies, predicted acceptance), neither acceptance nor
    hardware, so that systems are compared on equal drafts.

    For SVIP and SpecDec++ that is h. For AdaEDL it is gamma, at the λ that the user gives or the published
    0.8: gamma only scales the entropy to the pair at hand, while λ bounds the acceptance and goes on adapting
    to it; if gamma is given, it is λ. The stated length then holds at the start: AdaEDL's λ adapts from there unless
    ``step=0``.

    Parameters
    ----------
    spec
        Returned as it is if there is nothing (left) to calibrate.
    trace
        The whole trace; `RolloutTrace.split_prompts` says which prompts are held out.

    Returns
    -------
    AlgorithmSpec
        With every number known and the provenance "calibrated".

    Raises
    ------
    AhasdError
        If no threshold gives the stated length (the message has the reachable range), or if the trace has
        too few prompts to hold one out.
    """
    name = spec.to_calibrate
    calibration = spec.algorithm.calibration
    if name is None or calibration is None or spec.mean_draft_length is None:
        return spec
    held_out, _ = trace.split_prompts()
    open_parameters = spec.parameters
    limit = int(open_parameters[spec.algorithm.length_limit])

    def mean_length(value: float) -> float:
        return _mean_length(held_out, spec, open_parameters | {name: value})

    bounds = spec.algorithm.parameter(name)
    found = _bisect(mean_length, spec.mean_draft_length, max(bounds.low, SMALLEST_THRESHOLD), bounds.high)
    reached = mean_length(found)
    if abs(reached / spec.mean_draft_length - 1) > TOLERANCE:
        ends = sorted((mean_length(max(bounds.low, SMALLEST_THRESHOLD)), mean_length(bounds.high)))
        raise AhasdError(
            f"algorithm '{spec}': no {name} gives a mean draft length of {spec.mean_draft_length:g} tokens "
            f"on this trace ({trace.steps} steps per row, maximum {limit}); the reachable range is "
            f"{ends[0]:.2f} to {ends[1]:.2f}, and the nearest length in it {reached:.2f}"
        )
    # λ too is written down, so that the result says all that it depends on and needs no calibration again.
    settled = {key: value for key, value in open_parameters.items() if key in calibration.parameters}
    return spec.with_parameters(**settled, **{name: found})


def mean_draft_length(spec: AlgorithmSpec, trace: RolloutTrace) -> float:
    """Mean batch length in tokens over every row of `trace`, at the thresholds of `spec` as they start.

    Raises
    ------
    AhasdError
        If the rule has no threshold, or is not calibrated yet.
    """
    calibration = spec.algorithm.calibration
    if calibration is None or spec.to_calibrate is not None:
        raise AhasdError(f"algorithm '{spec}' has no threshold yet, so no mean length on a trace")
    return _mean_length(trace, spec, spec.parameters)


def _mean_length(trace: RolloutTrace, spec: AlgorithmSpec, parameters: Mapping[str, float]) -> float:
    calibration = spec.algorithm.calibration
    assert calibration is not None, "only what has a threshold has a mean length"
    steps = min(int(parameters[spec.algorithm.length_limit]), trace.steps)
    stops = calibration.stops(trace, parameters)[:, :steps]
    # argmax finds the first stop; the token that triggers it is kept, hence the 1.
    lengths = np.where(stops.any(axis=1), stops.argmax(axis=1) + 1, steps)
    return float(lengths.mean())


def _bisect(mean_length: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Return the value in [low, high] whose mean length is nearest to `wanted`; logarithmic steps."""
    rising = mean_length(high) > mean_length(low)
    while high / low > 1 + RESOLUTION:
        middle = sqrt(low * high)
        if (mean_length(middle) < wanted) == rising:
            low = middle
        else:
            high = middle
    candidates = [float(f"{value:.{DIGITS}g}") for value in (low, high)]
    return min(candidates, key=lambda value: abs(mean_length(value) - wanted))
