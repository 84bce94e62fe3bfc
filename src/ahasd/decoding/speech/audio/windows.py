"""Windows of at most 30 s, which is what Whisper hears at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ahasd.decoding.speech.audio.sound_file import RATE, Samples

#: Seconds of a window (Radford et al., arXiv 2212.04356, section 2.2).
WINDOW_S = 30

#: Where a window must end before the sound does, it ends in the quietest `PAUSE_S` of its last `SEARCHED_S`. Ours: a
#: word that is cut in two is lost to both windows.
SEARCHED_S, PAUSE_S = 6.0, 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of a sound.

    Parameters
    ----------
    start_s
        Where it begins in the sound.
    samples
        At most 30 s at 16,000 a second.
    """

    start_s: float
    samples: Samples

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def windows(samples: Samples) -> Iterator[Window]:
    """Cut a sound into windows; together they are the sound."""
    start = 0
    while start < len(samples):
        end = start + WINDOW_S * RATE
        end = len(samples) if end >= len(samples) else _pause(samples, end)
        yield Window(start / RATE, samples[start:end])
        start = end


def _pause(samples: Samples, end: int) -> int:
    """Give the middle of the quietest stretch that ends at most there."""
    first, length = end - int(SEARCHED_S * RATE), int(PAUSE_S * RATE)
    power = np.concatenate([[0.0], np.cumsum(np.square(samples[first:end], dtype=np.float64))])
    quietest = int(np.argmin(power[length:] - power[:-length]))
    return first + quietest + length // 2
