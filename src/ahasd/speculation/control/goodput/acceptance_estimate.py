"""How likely the target accepts a drafted token, learned from the verdicts of the run."""

from abc import ABC, abstractmethod
from math import exp, log

from ahasd.traces.rollout.walk import DraftChain, DraftSignals

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
    """Logistic regression on the draft's entropy and probability, by an extended Kalman filter (ours).

    The signals of the paper's EDC and of the drafting policies, with online weights instead of thresholds. Each
    verdict y moves the weights w by Newton's step: with p = σ(w·x) and v = p (1 - p),

        C ← C - C x xᵀ C / (1 / v + xᵀ C x),   w ← w + C x (y - p),   C ← C + drift,

    the sequential updating of Spiegelhalter and Lauritzen (Networks 20, 1990) with weights that wander. A verdict
    counts as much as it says, so that few of them are enough, and a signal that says nothing adds no noise.
    """

    #: Weights before the first verdict: those that fit the design prompts of the shipped trace of the plain draft,
    #: sampled (0.96, 0.01, 0.07, 2.17). Their spread, wide enough for its greedy trace (1.6, 1.8, 1.3, 6.8); ours.
    PRIOR = (1.0, 0.0, 0.1, 2.2)
    PRIOR_DEVIATION = (0.7, 0.5, 0.4, 1.5)

    #: Share of the prior variance that each verdict adds, so that the weights follow a text that changes (ours).
    DRIFT = 1e-4

    def __init__(self) -> None:
        super().__init__()
        self._weights = list(self.PRIOR)
        variances = [deviation**2 for deviation in self.PRIOR_DEVIATION]
        self._drift = [self.DRIFT * variance for variance in variances]
        self._covariance = [
            [variance if row == column else 0.0 for column in range(len(variances))]
            for row, variance in enumerate(variances)
        ]
        self._chain: DraftChain | None = None
        self._estimates: list[float] = []

    def of(self, chain: DraftChain, offset: int) -> float:
        """Probability that a drafted token is accepted if those before it are."""
        if chain is not self._chain:
            self._chain, self._estimates = chain, []
        known = self._estimates
        while len(known) <= offset:
            probability = self._predict(_features(chain.signals(len(known))))
            known.append(min(HIGHEST, max(LOWEST, probability)))
        return known[offset]

    def learn(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """One step for each verdict."""
        super().learn(chain, verified, until, rejected)
        for offset in range(verified, until + rejected):
            self._update(_features(chain.signals(offset)), offset < until)
        self._chain = None

    def _update(self, features: tuple[float, ...], accepted: bool) -> None:
        covariance = self._covariance
        probability = self._predict(features)
        gains = [sum(c * x for c, x in zip(row, features, strict=True)) for row in covariance]
        spread = sum(gain * x for gain, x in zip(gains, features, strict=True))
        scale = 1 / (1 / (probability * (1 - probability)) + spread)
        # The covariance times the features after the step is this much shorter than before it.
        error = (accepted - probability) * (1 - scale * spread)
        for row, gain in enumerate(gains):
            self._weights[row] += gain * error
            for column, other in enumerate(gains):
                covariance[row][column] -= scale * gain * other
            covariance[row][row] += self._drift[row]

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
