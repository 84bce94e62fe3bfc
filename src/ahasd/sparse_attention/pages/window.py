"""The first and the last tokens of a text, which every head reads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

#: DuoAttention trains its patterns with these (configuration beside its tables).
SINK, RECENT = 128, 256


@dataclass(frozen=True, slots=True)
class Window:
    """What a streaming head reads: attention sinks (arXiv 2309.17453) and the last tokens.

    Parameters
    ----------
    sink
        Tokens at the beginning, at least 0.
    recent
        Tokens at the end, the newest included, at least 1.

    Raises
    ------
    AhasdError
        A number is below that.
    """

    sink: int = SINK
    recent: int = RECENT

    def __post_init__(self) -> None:
        if self.sink < 0:
            raise AhasdError(f"sink is {self.sink} tokens; must be at least 0")
        if self.recent < 1:
            raise AhasdError(f"recent is {self.recent} tokens; must be at least 1: a token attends to itself")

    @property
    def size(self) -> int:
        """Tokens, once the text is as long."""
        return self.sink + self.recent

    def tokens(self, context: int) -> int:
        """Tokens that lie in it, of a text of so many."""
        return min(context, self.size)

    def mask(self, context: int) -> npt.NDArray[np.bool_]:
        """Say of each token of a text whether the newest one's streaming heads read it."""
        place = np.arange(context)
        return (place < self.sink) | (place >= context - self.recent)

    def check_fits(self, context: int) -> None:
        """See that a context is longer than the window.

        Raises
        ------
        AhasdError
            It is not, so that nothing would be left out.
        """
        if self.size > context:
            raise AhasdError(
                f"sink {self.sink} and recent {self.recent} together are more than the context of {context} tokens: "
                "nothing would be left out; take a longer context or a smaller window"
            )
