"""BanditSpec with upper confidence bounds (UCBSpec, arXiv 2505.15141)."""

from math import log, sqrt

from ahasd.speculation.drafting.algorithm import Algorithm, Parameter
from ahasd.speculation.drafting.algorithms.bandit import CODE, LONGEST_ARM, BanditPolicy, Pull


class UcbLength(BanditPolicy):
    """Chooses the length with the highest mean reward plus √(exploration·ln t / n).

    n counts the verdicts on the arm, t all of them and the coming round. Until each arm has a verdict, those
    without are tried in turn, shortest first, the one with the fewest rounds in flight before the others: an
    arm whose rounds were all flushed comes round again. (The authors' code tries them in turn for 7 rounds.)

    That code divides by the sum of all n in place of the arm's own, a bonus that is the same for every arm
    and so changes no choice; with it the choice is greedy after the warm-up. Here n is the arm's, as in the
    paper and every textbook (UCB1, Auer et al., Machine Learning 47, 2002).

    Parameters
    ----------
    arms
        Number of lengths, 1 to `arms` tokens.
    exploration
        Factor of the bonus; 0 is greedy.
    """

    def __init__(self, arms: int, exploration: float) -> None:
        super().__init__(arms)
        self.exploration = exploration
        self.counts = [0] * arms
        self.mean_rates = [0.0] * arms

    def scores(self) -> list[float]:
        """Upper bound of every arm's mean reward; each must have a verdict."""
        now = self.verdicts + 1
        return [
            mean / self.best_rate + sqrt(self.exploration * log(now) / count)
            for mean, count in zip(self.mean_rates, self.counts, strict=True)
        ]

    def _choose(self) -> Pull:
        untried = [arm for arm, count in enumerate(self.counts) if count == 0]
        if untried:
            return Pull(min(untried, key=self.in_flight))
        scores = self.scores()
        return Pull(scores.index(max(scores)))

    def _learn(self, pull: Pull, rate: float) -> None:
        arm = pull.arm
        self.counts[arm] += 1
        self.mean_rates[arm] += (rate - self.mean_rates[arm]) / self.counts[arm]


BANDITSPEC_UCB = Algorithm(
    name="banditspec-ucb",
    description="learns the best length from 1 to arms by upper confidence bounds (BanditSpec, arXiv 2505.15141)",
    parameters=(
        Parameter("arms", LONGEST_ARM, CODE, low=1, high=1024, integer=True),
        Parameter("exploration", 6, CODE, low=0, high=1e6),
    ),
    build=lambda parameters: UcbLength(int(parameters["arms"]), parameters["exploration"]),
    length_limit="arms",
)
