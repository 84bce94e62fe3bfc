"""How long a draft chain takes to be verified, when tokens are accepted independently at a known rate."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

#: Parts into which the time until the next drafted token is cut (ours).
PHASES = 4

#: Sweeps of the value iteration, and the change (draft steps) at which it has converged (ours).
SWEEPS, TOLERANCE = 200, 1e-3

#: Unverified tokens beyond those drafted during a pass up to which waiting is considered (ours).
BEYOND_A_PASS = 16


@dataclass(frozen=True, slots=True)
class AfterPass:
    """Where the drafter stands when a pass ends: tokens drafted meanwhile, and steps until the next one."""

    drafted: int
    rest: float


class ChainTime:
    """Expected time from now to the end of the chain, in draft steps, under the best waiting (ours).

    With the verifier free, n tokens unverified and ρ draft steps until the next, one can start a pass now, or wait
    ρ for another token. A pass takes r = V / D draft steps and tells whether the chain ends among the n, or at the
    token after them, against which the target's last logits are held. If it does, it is over, but for the rest of
    the draft step under way; if not, the tokens drafted during the pass are waiting. A chain yields the tokens that
    it yields, so least time per chain is most tokens per time. The optimality equation

        J(n, ρ) = min( r + (1 - s p) rest + s p J(n', ρ'),  ρ + J(n + 1, 1) ),   s = p^n

    is solved by value iteration (Gauss-Seidel, n downward).

    Parameters
    ----------
    ratio
        r, duration of a pass in draft steps.
    acceptance
        p, below 1.
    """

    def __init__(self, ratio: float, acceptance: float) -> None:
        self._ratio, self._acceptance = ratio, acceptance
        self._most = ceil(ratio) + BEYOND_A_PASS
        self._after = [self._at_end(phase / PHASES) for phase in range(PHASES + 1)]
        first = ratio / (1 - acceptance)
        self._left = [[first] * (PHASES + 1) for _ in range(self._most + 1)]
        for _ in range(SWEEPS):
            if self._sweep() < TOLERANCE:
                break

    def after_pass(self, survival: float, next_token: float) -> float:
        """Expected draft steps to the chain's end if a pass starts now.

        Parameters
        ----------
        survival
            Probability that all tokens it covers are accepted.
        next_token
            Draft steps until the next token is there, at most 1 counted.
        """
        return self._start(survival, max(1, min(PHASES, round(next_token * PHASES))))

    def _at_end(self, next_token: float) -> AfterPass:
        if self._ratio < next_token:
            return AfterPass(0, next_token - self._ratio)
        drafted = int(self._ratio - next_token + 1e-9) + 1
        return AfterPass(drafted, next_token + drafted - self._ratio)

    def _start(self, survival: float, phase: int) -> float:
        after = self._after[phase]
        goes_on = survival * self._acceptance if after.drafted else survival
        pending, rest = max(0, after.drafted - 1), max(1, min(PHASES, round(after.rest * PHASES)))
        unfinished = after.rest if after.rest < 1 else 0.0
        return self._ratio + (1 - goes_on) * unfinished + goes_on * self._left[pending][rest]

    def _sweep(self) -> float:
        change = 0.0
        for pending in range(self._most, -1, -1):
            survival, row = self._acceptance**pending, self._left[pending]
            for phase in range(1, PHASES + 1):
                best = self._start(survival, phase)
                if pending < self._most:
                    best = min(best, phase / PHASES + self._left[pending + 1][PHASES])
                change = max(change, abs(best - row[phase]))
                row[phase] = best
        return change


@lru_cache(maxsize=4096)
def chain_time(twentieths: int, percent: int) -> ChainTime:
    """Return the times for a ratio in twentieths and an acceptance in percent; a run asks for few of them."""
    return ChainTime(twentieths / 20, percent / 100)
