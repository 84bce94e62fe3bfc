"""What is measured of claims about experts: from published tables, and of a layer's schedules."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ahasd.claims.condition import Condition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.experts.cache.adapmoe_figures import FORESEEN, SINGLE
from ahasd.experts.cache.sizes import allocate, even, expected_loads
from ahasd.experts.layer_schedule.assignment import times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import layer_schedule

#: HybriMoE's shipped constants for Qwen2-57B-A14B, milliseconds: card, host for a token and once, copy.
_QWEN2 = LayerCosts(processor=0.5, host=0.8, copy=0.41791, host_first=0.79)
_TOKENS = 4000


@dataclass(frozen=True, slots=True)
class Computed:
    """A figure that follows from published tables or one model of a layer; no runs, tokens or seeds."""

    value: Callable[[], float]

    def configurations(self, condition: Condition) -> list[Asked]:
        """None."""
        return []

    def draws(self, known_runs: KnownRuns, condition: Condition) -> Draws:
        """See `Measurement`."""
        return drawn((self.value(),))


def single_expert_share() -> float:
    """Share of tokens and layers that take one expert only: what AdapMoE's text calls 25 % fewer experts."""
    return float(np.mean(SINGLE))


def mean_experts() -> float:
    """Experts that a token takes in the mean, over two."""
    return 1 - single_expert_share() / 2


def loads_with_128_slots() -> float:
    """Loads that a token waits for without gate and programme, over those with both."""
    plain = [[expected_loads(0.0, foreseen, slots) for slots in range(9)] for foreseen in FORESEEN]
    ours = [
        [expected_loads(single, foreseen, slots) for slots in range(9)]
        for single, foreseen in zip(SINGLE, FORESEEN, strict=True)
    ]
    return _loads(plain, even(128, 32)) / _loads(ours, allocate(ours, 128))


def layer_schedule_gain() -> float:
    """Misses on the host over HybriMoE's greedy, experts of a layer alone: 8 of 64, a quarter resident at random."""
    draws = np.random.Generator(np.random.PCG64(0))
    ends = dict.fromkeys(("host", "hybrimoe"), 0.0)
    for _ in range(_TOKENS):
        works = [ExpertWork(place, 1, bool(draws.random() < 0.25)) for place in range(8)]
        for name in ends:
            ends[name] += times(layer_schedule(name).assign(works, _QWEN2), _QWEN2).end
    return ends["host"] / ends["hybrimoe"]


def _loads(costs: list[list[float]], sizes: list[int]) -> float:
    return sum(of_layer[slots] for of_layer, slots in zip(costs, sizes, strict=True))
