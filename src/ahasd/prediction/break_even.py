"""The acceptance rate from which a way of decoding beats the target alone."""

from dataclasses import dataclass
from functools import partial

from ahasd.intervals import Interval, interval
from ahasd.prediction.measured_runtime import MeasuredRuntime, SimulatedMethod
from ahasd.speculation.break_even_search import bisect_acceptance, search_break_even
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.rollout.rollout import RolloutTrace

#: Searches, each with coins of its own, and tokens of each run in them (ours).
BREAK_EVEN_SEEDS = 5
BREAK_EVEN_TOKENS = 384


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
    and so what the policy sees.
    """
    tokens = min(BREAK_EVEN_TOKENS, trace.positions)
    limit = runtime.run("autoregressive", None, trace, tokens).end

    def at(seed: int, level: float) -> tuple[int, float]:
        outcome = runtime.run(method, algorithm, trace.with_acceptance(level), tokens, seed)
        return outcome.end, outcome.ledger.draft_acceptance_rate or 0.0

    first = search_break_even(partial(at, 0), limit)
    if first.acceptance is None:
        return BreakEven(None, first.always)
    others = [bisect_acceptance(partial(at, seed), limit) for seed in range(1, BREAK_EVEN_SEEDS)]
    return BreakEven(interval([first.acceptance, *others]), always=False)
