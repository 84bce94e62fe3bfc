"""How busy each bank is, as a bar each: who waits for whom."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: Eighths of a line, as block characters and as what stands for them where a terminal has none.
EIGHTHS, PLAIN = "▁▂▃▄▅▆▇█", "..::||##"


def bank_bars(
    seconds: npt.NDArray[np.float64], channels: int, top: float, plain: bool, width: int
) -> Sequence[str]:
    """Lines of bars, channel after channel.

    Parameters
    ----------
    seconds
        B: each bank at work.
    top
        Seconds of a full bar, at least those of the busiest bank.
    plain
        Whether ASCII must do.
    width
        Characters of a line at most, as far as a channel fits.
    """
    marks = PLAIN if plain else EIGHTHS
    rows = seconds.reshape(channels, -1)
    bars = ["".join(marks[min(7, int(8 * one / top))] if one > 0 else " " for one in row) for row in rows]
    each = max(1, (width + 1) // (rows.shape[1] + 1))
    return [" ".join(bars[start : start + each]) for start in range(0, channels, each)]
