"""Plain transfers of a host: read everything, then write everything."""

from math import ceil

from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming


def transfer_cycles(
    timing: DramTiming, organisation: ChannelOrganisation, read_bytes: int, written_bytes: int
) -> int:
    """Cycles in which a host reads bytes of one channel and, when all have arrived, writes others.

    Consecutive bursts lie in consecutive banks and whole rows are used; all banks reach their row ends together.
    """
    cycles = 0
    for count, read_share in ((read_bytes, 1.0), (written_bytes, 0.0)):
        requests = ceil(count / organisation.burst_bytes)
        stream = RequestStream(requests, read_share, organisation.bursts_per_row, staggered=False)
        cycles += stream_cycles(timing, organisation, stream, cycles).cycles
    return cycles
