"""Rates of long streams, for cost models."""

from dataclasses import replace
from functools import lru_cache

from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming

#: Requests of a long stream (ours): so many that its begin and its end do not count.
_REQUESTS = 1 << 20


@lru_cache(maxsize=1024)
def streaming_bytes_per_second(
    timing: DramTiming,
    organisation: ChannelOrganisation,
    read_share: float = 1.0,
    bursts_per_row: int | None = None,
    refresh: Refresh | None = None,
) -> float:
    """Rate of a long sequential stream on one channel.

    Parameters
    ----------
    timing, organisation
        The channel.
    read_share
        Share of reads, 0 to 1.
    bursts_per_row
        Bursts that a row serves before the stream leaves it; the whole row unless given.
    refresh
        How rows are refreshed; as the organisation says unless given.
    """
    visit = organisation.bursts_per_row if bursts_per_row is None else bursts_per_row
    if refresh is not None:
        organisation = replace(organisation, refresh=refresh)
    result = stream_cycles(timing, organisation, RequestStream(_REQUESTS, read_share, visit))
    return result.bytes / result.seconds(timing.tCK_ns)


def peak_bytes_per_second(timing: DramTiming, organisation: ChannelOrganisation) -> float:
    """Rate of the data bus of one channel."""
    return organisation.burst_bytes / (timing.burst_cycles * timing.tCK_ns * 1e-9)
