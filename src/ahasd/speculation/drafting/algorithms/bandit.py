"""Draft lengths as the arms of a bandit (BanditSpec, arXiv 2505.15141): what both of its algorithms share."""

from abc import abstractmethod
from dataclasses import dataclass

from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals

CODE = "authors' code, sail-sg/BanditSpec"

#: The authors' code chooses among the lengths 1 to 4.
LONGEST_ARM = 4


@dataclass(frozen=True, slots=True)
class Pull:
    """An arm that was chosen for a round.

    Attributes
    ----------
    arm
        Index of the arm; it drafts one token more than that.
    probability
        With which it was chosen; 1 where chance had no part.
    """

    arm: int
    probability: float = 1.0


class BanditPolicy(DraftingPolicy):
    """Chooses a length before each round and learns from the rate of the round, whatever the draft says.

    The reward of a round is its rate, (accepted + 1)/seconds, in tokens per second: the accepted tokens and
    the target's own (as in the authors' code). Bandit theory wants rewards between 0 and 1, so every rate
    counts as a share of the best one seen so far; when a better one comes, all earlier rewards shrink with it,
    as if the scale had been known from the start (ours: the authors' code does not normalise).

    Rounds may overlap. An arm counts when its verdict arrives; one whose round was flushed never counts, and
    is forgotten at the next verdict on a later round. A flushed round teaches nothing about its arm: that
    happens to long arms more often, which is left as it is (ours).

    Parameters
    ----------
    arms
        Number of arms; arm i drafts i + 1 tokens.
    """

    def __init__(self, arms: int) -> None:
        super().__init__(maximum_length=arms)
        self.arms = arms
        self.verdicts = 0
        self.best_rate = 0.0
        self._pulls: dict[int, Pull] = {}
        self._arm = 0

    def start(self, round: int) -> None:
        """Choose the arm of a round by what the verdicts so far taught."""
        super().start(round)
        pull = self._choose()
        self._pulls[round] = pull
        self._arm = pull.arm

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Credit the round's rate to its arm.

        Raises
        ------
        ValueError
            If the counts are impossible or the round was not started.
        """
        super().verified(round, drafted, accepted, seconds)
        if round not in self._pulls:
            raise ValueError(f"round {round} was not started, or a later one was verified before it")
        pull = self._pulls[round]
        # Verdicts come in the order of their rounds: what is older was flushed.
        self._pulls = {number: kept for number, kept in self._pulls.items() if number > round}
        if seconds <= 0:
            return  # no rate without time
        rate = (accepted + 1) / seconds
        self.verdicts += 1
        self.best_rate = max(self.best_rate, rate)
        self._learn(pull, rate)

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return self._length > self._arm

    def in_flight(self, arm: int) -> int:
        """How many rounds of an arm still wait for their verdict, as far as known."""
        return sum(pull.arm == arm for pull in self._pulls.values())

    @abstractmethod
    def _choose(self) -> Pull:
        """Choose the arm of the round that starts."""

    @abstractmethod
    def _learn(self, pull: Pull, rate: float) -> None:
        """Learn the rate (tokens per second) of a pull; `best_rate` and `verdicts` already know it."""
