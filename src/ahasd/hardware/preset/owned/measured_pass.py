"""From the published speed of a 7B to what a device reaches of its bandwidth, and what each kernel takes besides."""

from dataclasses import dataclass

#: Bytes of the weights of a pass of Llama-2-7B at 4.5 bits (Q4_0): 6.607 G in its matrices, the head's among them.
#: Its file has 3.826 GB, with the table of embeddings and a head of 6.6 bits.
PASS_BYTES = 3.7165e9
#: Operations of that pass for each token: two for each of those weights.
PASS_OPERATIONS = 2 * 6.607e9
#: Kernels of that pass, by the GPU model.
PASS_KERNELS = 484
#: Bytes that published "achieved" bandwidths count for that pass: the file.
FILE_BYTES = 3.826e9
#: Share of the time above the peak's that does not grow with the bytes: 0.53 to 0.7 on six devices of which the
#: speeds of a 7B and of a model of 27B or more are known (as prediction/from_figures/target_alone.py has it).
FIXED_SHARE = 0.6
#: Most that is charged to a kernel, in microseconds (ours): FIXED_SHARE gives 8 on an M3 Ultra, the slowest of the
#: six, and on slow memories, of which no second model is known, it would give more than any launch takes.
MOST_LAUNCH_US = 10.0


@dataclass(frozen=True, slots=True)
class Reached:
    """What a device reaches.

    Attributes
    ----------
    share
        Of its peak bandwidth, by a stream of weights.
    launch_us
        From one kernel to the next, in microseconds.
    """

    share: float
    launch_us: float

    def pass_seconds(self, peak: float) -> float:
        """Seconds of the pass on a device with this peak, in bytes per second."""
        return PASS_BYTES / (peak * self.share) + self.launch_us * 1e-6 * PASS_KERNELS


def reached(tokens_per_second: float, peak: float) -> Reached:
    """Split a published time of the pass, so that :meth:`Reached.pass_seconds` gives it again.

    Parameters
    ----------
    tokens_per_second
        Of Llama-2-7B in Q4_0.
    peak
        Of the memory, in bytes per second.
    """
    seconds, least = 1 / tokens_per_second, PASS_BYTES / peak
    launch_us = min(MOST_LAUNCH_US, FIXED_SHARE * max(0.0, seconds - least) / PASS_KERNELS * 1e6)
    return Reached(least / (seconds - launch_us * 1e-6 * PASS_KERNELS), launch_us)
