"""What a recording is asked to do."""

import math
from dataclasses import dataclass
from typing import get_args

from ahasd.errors import AhasdError
from ahasd.traces.files import MAX_STEPS, MIN_STEPS
from ahasd.traces.header import Mode


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """The settings of a recording, checked.

    Parameters
    ----------
    mode
        ``"greedy"`` (argmax of target and draft) or ``"sampled"``.
    temperature
        Divides the logits of both models before the softmax, above 0. In greedy mode it changes no token,
        only the recorded entropies and probabilities, which are those of the draft at this temperature.
    steps
        Draft steps K from every position, 16 to 24.
    tokens_per_prompt
        Length of the target's text, at least 1; it is shorter where the target ends it.
    seed
        At least 0.
    batch_size
        Positions that are rolled out together, at least 1; changes memory and speed, no draw.

    Raises
    ------
    AhasdError
        If a value is outside the above.
    """

    mode: Mode
    temperature: float = 1.0
    steps: int = 16
    tokens_per_prompt: int = 200
    seed: int = 0
    batch_size: int = 64

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise AhasdError(f"mode is '{self.mode}'; must be 'greedy' or 'sampled'")
        if not math.isfinite(self.temperature) or self.temperature <= 0:
            raise AhasdError(
                f"temperature is {self.temperature}; must be above 0 (for argmax use mode 'greedy')"
            )
        if not MIN_STEPS <= self.steps <= MAX_STEPS:
            raise AhasdError(f"steps is {self.steps}; must be {MIN_STEPS} to {MAX_STEPS}")
        if self.tokens_per_prompt < 1:
            raise AhasdError(f"tokens per prompt is {self.tokens_per_prompt}; must be at least 1")
        if self.seed < 0:
            raise AhasdError(f"seed is {self.seed}; must be at least 0")
        if self.batch_size < 1:
            raise AhasdError(f"batch size is {self.batch_size}; must be at least 1")

    @property
    def greedy(self) -> bool:
        """Whether both models take their argmax."""
        return self.mode == "greedy"
