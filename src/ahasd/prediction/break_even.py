"""The acceptance rate from which a way of decoding beats the target alone."""

from dataclasses import dataclass

from ahasd.intervals import Interval, interval
from ahasd.prediction.measured_runtime import MeasuredRuntime, SimulatedMethod
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.rollout.rollout import RolloutTrace

BREAK_EVEN_SEEDS = 5
BREAK_EVEN_HALVINGS = 8
BREAK_EVEN_TOKENS = 384
"""Runs of the search, with coins of their own, halvings of the acceptance level and tokens of each run (ours): the
level is known to 1/128, well below what so many tokens can tell."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The acceptance rate from which a method and an algorithm beat the target alone.

    Attributes
    ----------
    acceptance
        Its interval is that over the seeds; None if no acceptance is enough, or any.
    always
        Whether any is enough.
    """

    acceptance: Interval | None
    always: bool


def find_break_even(
    runtime: MeasuredRuntime, method: SimulatedMethod, algorithm: AlgorithmSpec, trace: RolloutTrace
) -> BreakEven:
    """Search the acceptance rate from which it pays.

    The trace's acceptance probabilities are scaled down to nothing or up to one, which keeps the draft's entropies
    and so what the policy sees, and the level is bisected.
    """
    tokens = min(BREAK_EVEN_TOKENS, trace.positions)
    limit = runtime.run("autoregressive", None, trace, tokens).end

    def at(level: float, seed: int) -> tuple[int, float]:
        outcome = runtime.run(method, algorithm, trace.with_acceptance(level), tokens, seed)
        judged = outcome.ledger.accepted + outcome.ledger.rejected
        return outcome.end, outcome.ledger.accepted / judged if judged else 0.0

    if at(-1.0, 0)[0] <= limit:
        return BreakEven(None, always=True)
    if at(1.0, 0)[0] > limit:
        return BreakEven(None, always=False)
    rates = []
    for seed in range(BREAK_EVEN_SEEDS):
        low, high, losing, paying = -1.0, 1.0, 0.0, 1.0
        for _ in range(BREAK_EVEN_HALVINGS):
            middle = (low + high) / 2
            end, rate = at(middle, seed)
            if end <= limit:
                high, paying = middle, rate
            else:
                low, losing = middle, rate
        rates.append((losing + paying) / 2)
    return BreakEven(interval(rates), always=False)
