"""What TVC was asked, what came of it, and how well it knew how long the NPU takes."""

from dataclasses import dataclass


@dataclass(slots=True)
class TvcStatistics:
    """Consultations and their yield; predictions of the NPU's verifications against what they took.

    Attributes
    ----------
    consulted
        Times it was asked.
    inserted
        Times it answered with a pre-verification.
    tokens
        Tokens of those.
    useful
        Of the tokens, those whose verdict was committed.
    predicted
        Verifications of the NPU, each compared with what the tables said of it while it ran.
    relative_error_sum, relative_error_maximum
        Of the absolute difference between C_NPU and the actual cycles, over the latter.
    """

    consulted: int = 0
    inserted: int = 0
    tokens: int = 0
    useful: int = 0
    predicted: int = 0
    relative_error_sum: float = 0.0
    relative_error_maximum: float = 0.0

    @property
    def mean_relative_error(self) -> float | None:
        """Mean absolute relative error of the predictions; None if there was none."""
        return self.relative_error_sum / self.predicted if self.predicted else None

    def met_verification(self, predicted_cycles: float, actual_cycles: float) -> None:
        """Compare the prediction for a verification with the cycles that it took."""
        error = abs(predicted_cycles - actual_cycles) / actual_cycles
        self.predicted += 1
        self.relative_error_sum += error
        self.relative_error_maximum = max(self.relative_error_maximum, error)
