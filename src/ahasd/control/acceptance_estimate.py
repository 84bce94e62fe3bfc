"""How likely the target accepts a drafted token, learned from the verdicts of the run."""

from abc import ABC, abstractmethod
from math import exp, log

from ahasd.traces.walk import DraftChain, DraftSignals

#: Acceptance before the first verdict, and how many verdicts that is worth (ours).
PRIOR_ACCEPTANCE = 0.7
PRIOR_VERDICTS = 30.0

#: Weight of a verdict falls by this with each that follows: half after some 140 (ours).
MEMORY = 0.995

#: Estimates stay within these (ours): one verdict must be able to prove them wrong.
LOWEST, HIGHEST = 0.02, 0.98


class AcceptanceEstimate(ABC):
    """The recent acceptance rate, which is what is known of a token that is not drafted yet."""

    def __init__(self) -> None:
        self._accepted = PRIOR_ACCEPTANCE * PRIOR_VERDICTS
        self._judged = PRIOR_VERDICTS
        #: Verdicts so far.
        self.verdicts = 0

    @property
    def rate(self) -> float:
        """Expected acceptance of a token of which nothing is known."""
        return min(HIGHEST, max(LOWEST, self._accepted / self._judged))

    @abstractmethod
    def of(self, chain: DraftChain, offset: int) -> float:
        """Probability that a drafted token is accepted if those before it are."""

    def learn(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """Take note of a verdict: tokens up to ``until`` accepted, perhaps the next one rejected."""
        accepted, judged = until - verified, until - verified + rejected
        self.verdicts += judged
        self._accepted = self._accepted * MEMORY**judged + accepted
        self._judged = self._judged * MEMORY**judged + judged


class LearnedAcceptance(AcceptanceEstimate):
    """Logistic regression on the draft's entropy and probability, by stochastic gradients (ours).

    The signals of the paper's EDC and of the drafting policies, with online weights instead of thresholds: where a
    signal says nothing, its weight stays near zero and the rate alone remains.
    """

    #: First and last step of the descent, and the verdicts after which it is half way down (ours).
    FIRST_STEP, LAST_STEP, HALF_WAY = 0.3, 0.02, 30

    def __init__(self) -> None:
        super().__init__()
        self._weights = [log(PRIOR_ACCEPTANCE / (1 - PRIOR_ACCEPTANCE)), 0.0, 0.0, 0.0]
        self._seen = 0

    def of(self, chain: DraftChain, offset: int) -> float:
        """Probability that a drafted token is accepted if those before it are."""
        return min(HIGHEST, max(LOWEST, self._predict(_features(chain.signals(offset)))))

    def learn(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """One gradient step of the log-likelihood for each verdict."""
        super().learn(chain, verified, until, rejected)
        for offset in range(verified, until + rejected):
            features = _features(chain.signals(offset))
            self._seen += 1
            step = max(self.LAST_STEP, self.FIRST_STEP / (1 + self._seen / self.HALF_WAY))
            error = (offset < until) - self._predict(features)
            for index, feature in enumerate(features):
                self._weights[index] += step * error * feature

    def _predict(self, features: tuple[float, ...]) -> float:
        score = sum(weight * feature for weight, feature in zip(self._weights, features, strict=True))
        return 1 / (1 + exp(-max(-8.0, min(8.0, score))))


class KnownAcceptance(AcceptanceEstimate):
    """The trace's own acceptance probability of each drafted token, which only the target knows.

    For study, to see what better signals would bring; no controller could be built with it.
    """

    def of(self, chain: DraftChain, offset: int) -> float:
        """Probability that a drafted token is accepted if those before it are; of the rate beyond the row."""
        probability = chain.acceptance_probability(offset)
        return self.rate if probability is None else min(HIGHEST, max(LOWEST, probability))


def _features(signals: DraftSignals) -> tuple[float, ...]:
    """Intercept, log probability, entropy and probability of a token, roughly centred (ours)."""
    probability = max(signals.draft_probability, 1e-4)
    return 1.0, log(probability) + 1.0, signals.entropy - 3.0, probability - 0.3
