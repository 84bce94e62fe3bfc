"""What ProPD's trees gain here, over Medusa's static tree and over the target alone, by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ahasd.claims.condition import Condition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import simulate

#: Texts at once, tokens of each, and seeds. The paper's batches are not known (ours).
BATCHES, TOKENS, SEEDS = (1, 4, 16), 192, (0, 1, 2)

#: Vicuna-7B, the paper's smallest target, is LLaMA2-7B's architecture; the draft is not used. The paper's GPU is not
#: known either: the package's default one.
PAIR, HARDWARE = "sheared-llama-1.3b:llama2-7b", "rtx-5090-laptop"


@dataclass(frozen=True, slots=True)
class Gain:
    """A figure of ProPD's runs by batch; seeds make up other traces, since large batches take all prompts of one.

    Attributes
    ----------
    of
        From a seed to the figure.
    """

    of: Callable[[int], float]

    def configurations(self, condition: Condition) -> list[Asked]:
        """None that are kept: these runs are of trees."""
        return []

    def draws(self, known_runs: KnownRuns, condition: Condition) -> Draws:
        """See `Measurement`."""
        return drawn(tuple(self.of(seed) for seed in SEEDS))


def most_over_medusa(seed: int) -> float:
    """The largest gain over Medusa's static tree at a batch."""
    return max(_over_medusa(batch, seed) for batch in BATCHES)


def least_over_medusa(seed: int) -> float:
    """The smallest."""
    return min(_over_medusa(batch, seed) for batch in BATCHES)


def most_over_alone(seed: int) -> float:
    """The largest gain over the target alone, of as many texts at once."""
    return max(_over_alone(batch, seed) for batch in BATCHES)


def least_over_alone(seed: int) -> float:
    """The smallest."""
    return min(_over_alone(batch, seed) for batch in BATCHES)


def growth(seed: int) -> float:
    """The gain over Medusa's static tree at the largest batch, over that at one text."""
    return _over_medusa(BATCHES[-1], seed) / _over_medusa(BATCHES[0], seed)


def _over_medusa(batch: int, seed: int) -> float:
    ours, theirs = _run("propd", batch, seed), _run("medusa", batch, seed)
    return ours.tokens_per_second / theirs.tokens_per_second


def _over_alone(batch: int, seed: int) -> float:
    speedup = _run("propd", batch, seed).speedup
    assert speedup is not None, "a run with trees has a baseline"
    return speedup


@lru_cache(maxsize=2 * len(BATCHES) * len(SEEDS))
def _run(system: str, batch: int, seed: int) -> SpeculationResult:
    trace = f"synthetic-tree:heads=medusa-7b,seed={seed}"
    return simulate(
        system=system, pair=PAIR, hardware=HARDWARE, trace=trace, batch=batch, tokens=TOKENS, seed=seed
    )
