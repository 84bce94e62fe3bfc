"""BanditSpec for rewards that an adversary sets (EXP3Spec, arXiv 2505.15141)."""

from itertools import accumulate
from math import exp, log, sqrt

from ahasd.speculation.drafting.algorithm import Algorithm, Parameter
from ahasd.speculation.drafting.algorithms.bandit import CODE, LONGEST_ARM, BanditPolicy, Pull
from ahasd.traces.rollout.coins import bit_generator

#: The authors' code has UCB only and the paper's constants were not available to us: Exp3 without a known horizon.
ANYTIME_EXP3 = "Bubeck and Cesa-Bianchi, arXiv 1204.5721, section 3.1"


class Exp3Length(BanditPolicy):
    """Draws the length with a probability that falls exponentially with its estimated loss so far.

    Loss is 1 − reward. The estimate of an arm's total loss is the sum of loss/probability over the rounds that
    chose it, with the probability that it was chosen with, which makes it unbiased. Weights are
    exp(−η·loss), η = rate·√(ln K / (K·t)), for K arms and t verdicts and the coming round. No share of the
    draws is uniform unless ``exploration`` says so.

    Parameters
    ----------
    arms
        Number of lengths, 1 to `arms` tokens.
    rate
        Factor of the learning rate η.
    exploration
        Share of the draws that is uniform over the arms.
    seed
        Of the draws, PCG64.
    """

    def __init__(self, arms: int, rate: float, exploration: float, seed: int) -> None:
        super().__init__(arms)
        self.rate = rate
        self.exploration = exploration
        self._draws = bit_generator(seed, "arms")
        # Σ 1/p and Σ rate/p of every arm: its loss is the one less the other as a share of the best rate.
        self._shares = [0.0] * arms
        self._rates = [0.0] * arms

    def losses(self) -> list[float]:
        """Estimated total loss of every arm."""
        if self.best_rate == 0:
            return [0.0] * self.arms
        return [share - rate / self.best_rate for share, rate in zip(self._shares, self._rates, strict=True)]

    def probabilities(self) -> list[float]:
        """With what probability the next round chooses each arm."""
        eta = self.rate * sqrt(log(self.arms) / (self.arms * (self.verdicts + 1)))
        losses = self.losses()
        least = min(losses)
        weights = [exp(-eta * (loss - least)) for loss in losses]
        total = sum(weights)
        uniform = self.exploration / self.arms
        return [(1 - self.exploration) * weight / total + uniform for weight in weights]

    def _choose(self) -> Pull:
        probabilities = self.probabilities()
        # The upper 53 bits fill the mantissa of a float64 exactly: a number in [0, 1).
        number = (int(self._draws.random_raw()) >> 11) * 2.0**-53
        below = (arm for arm, bound in enumerate(accumulate(probabilities)) if number < bound)
        # Rounding may leave the sum of all a little below 1.
        arm = next(below, self.arms - 1)
        return Pull(arm, probabilities[arm])

    def _learn(self, pull: Pull, rate: float) -> None:
        self._shares[pull.arm] += 1 / pull.probability
        self._rates[pull.arm] += rate / pull.probability


BANDITSPEC_EXP3 = Algorithm(
    name="banditspec-exp3",
    description="draws a length from 1 to arms, the better ones more often (BanditSpec's EXP3, arXiv 2505.15141)",
    parameters=(
        Parameter("arms", LONGEST_ARM, CODE, low=1, high=1024, integer=True),
        Parameter("rate", 1, ANYTIME_EXP3, low=0, high=1e6),
        Parameter("exploration", 0, ANYTIME_EXP3, low=0, high=1),
        Parameter("seed", 0, "ours", low=0, high=2**53, integer=True),
    ),
    build=lambda parameters: Exp3Length(
        arms=int(parameters["arms"]),
        rate=parameters["rate"],
        exploration=parameters["exploration"],
        seed=int(parameters["seed"]),
    ),
    length_limit="arms",
)
