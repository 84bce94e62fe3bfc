"""How the two sides of a memory channel, the NPU's stream and the PIM ranks, slow each other down."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ahasd.hardware.dram.timing import DramTiming

#: Least rate of progress (ours): where PIM leaves the stream no command slot, it lives on its gaps.
SLOWEST = 1e-3


@dataclass(frozen=True, slots=True)
class ChannelLoad:
    """What a step or operation asks of one channel; loads of what follows each other add up.

    Attributes
    ----------
    seconds
        How long it takes alone.
    data_seconds
        Of a stream: the time that it would take if nothing but the channel held it up (so at most `seconds`).
        Of PIM: the time from begin to end of its runs of bursts on the data bus, of all ranks.
    data_runs
        Separate runs of bursts; each leaves the bus to other ranks and back.
    displaced_seconds
        Of PIM: by how much its commands, where they take slots that a stream at full rate wants, push that back.
    """

    seconds: float = 0.0
    data_seconds: float = 0.0
    data_runs: float = 0.0
    displaced_seconds: float = 0.0

    def __add__(self, other: "ChannelLoad") -> "ChannelLoad":
        return ChannelLoad(
            seconds=self.seconds + other.seconds,
            data_seconds=self.data_seconds + other.data_seconds,
            data_runs=self.data_runs + other.data_runs,
            displaced_seconds=self.displaced_seconds + other.displaced_seconds,
        )

    def __mul__(self, times: float) -> "ChannelLoad":
        return ChannelLoad(
            seconds=self.seconds * times,
            data_seconds=self.data_seconds * times,
            data_runs=self.data_runs * times,
            displaced_seconds=self.displaced_seconds * times,
        )


class UsesChannel(Protocol):
    """What has a channel load: a :class:`ChannelLoad`, or the cost of a step, with the same attributes."""

    @property
    def seconds(self) -> float:
        """How long it takes alone."""

    @property
    def data_seconds(self) -> float:
        """Time on the data bus."""

    @property
    def data_runs(self) -> float:
        """Runs of bursts."""

    @property
    def displaced_seconds(self) -> float:
        """What its commands push a stream back by."""


class ChannelSlowdown:
    """Rates of progress of a stream and of PIM operations on one channel, while both are active.

    PIM commands go first and their runs of bursts hold the data bus from when they are known
    (:mod:`ahasd.hardware.channel.co_simulation`), so PIM goes on as if it were alone: its rate is 1. Per second of
    PIM the stream loses

        lost = (D + r (2 tRTRS + (burst - slot) / 2) + C) / T

    with D, r, C and T the PIM load's `data_seconds`, `data_runs`, `displaced_seconds` and `seconds`: a run keeps the
    stream's data off the bus for its own length, for a change of ranks before and after, and for what is left over
    of a burst before it (between none and a burst less one command slot, half of that on average). A stream that
    needs the share d = data_seconds / seconds of the channel's time goes on at the rate min(1, (1 - lost) / d).
    Refreshes of the two sides are independent of each other: what PIM takes while the stream's rank is refreshed
    costs nothing, and just so much less is there to be lost, so that the relative rate is the same.

    Parameters
    ----------
    timing
        Of the channel.
    ideal_data_bus, ideal_command_bus
        Take the conflicts on that bus away.
    """

    def __init__(
        self, timing: DramTiming, ideal_data_bus: bool = False, ideal_command_bus: bool = False
    ) -> None:
        cycle_s = timing.tCK_ns * 1e-9
        left_over = max(timing.burst_cycles - timing.command_cycles, 0) / 2
        self._per_run = 0.0 if ideal_data_bus else (2 * timing.tRTRS + left_over) * cycle_s
        self._data = 0.0 if ideal_data_bus else 1.0
        self._commands = 0.0 if ideal_command_bus else 1.0

    def rates(self, stream: UsesChannel, pim: UsesChannel) -> tuple[float, float]:
        """Progress per second of the stream and of PIM, relative to being alone; each in (0, 1]."""
        if not pim.seconds or not stream.data_seconds:
            return 1.0, 1.0
        lost = self._data * pim.data_seconds + self._per_run * pim.data_runs
        left = 1.0 - (lost + self._commands * pim.displaced_seconds) / pim.seconds
        return min(1.0, max(left * stream.seconds / stream.data_seconds, SLOWEST)), 1.0

    def finish_together(self, stream: ChannelLoad, operations: Iterable[ChannelLoad]) -> tuple[float, float]:
        """When a stream and PIM operations that follow each other are done, seconds, if both begin together.

        Each side goes on at its rate while both are active, and at 1 when the other is done.
        """
        left, now, stream_end = 1.0, 0.0, 0.0  # share of the stream that is left
        for pim in operations:
            stream_rate, pim_rate = self.rates(stream, pim) if left else (0.0, 1.0)
            end = now + pim.seconds / pim_rate
            done = stream_rate * (end - now) / stream.seconds if left else 0.0
            if left and done >= left:
                stream_end = now + left * stream.seconds / stream_rate
                end = stream_end + pim.seconds - (stream_end - now) * pim_rate
                left = 0.0
            left = max(left - done, 0.0)
            now = end
        return (now + left * stream.seconds if left else stream_end), now
