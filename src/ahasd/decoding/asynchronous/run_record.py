"""What a request took on each side, beyond the metrics that every method has."""

from dataclasses import dataclass

from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.speculation.control.edc.statistics import EdcStatistics


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Model calls of both sides in one request.

    Parameters
    ----------
    draft_seconds, target_seconds
        Emulated latency: what each call lasted at least; 0 where nothing was emulated.
    draft_steps, target_steps
        The calls, those that filled in the prompt first.
    control
        Figures of EDC, None without it.
    """

    draft_seconds: float
    target_seconds: float
    draft_steps: tuple[ModelStep, ...]
    target_steps: tuple[ModelStep, ...]
    control: EdcStatistics | None

    @property
    def emulated(self) -> bool:
        """Whether a latency was emulated."""
        return self.draft_seconds > 0 or self.target_seconds > 0
