"""How values lie in the banks, and what appending keys and values there takes."""

from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.dram.timing import DramTiming

#: ``by_output``: a row of outputs, as weights lie and as CENT's public simulator keeps values (one element of a new
#: token for each bank); units compute as for any product, a new token is scattered over as many columns as a head is
#: wide. ``by_token``: a new token is written in one piece, as keys are; units multiply its column by a scalar (as
#: HBM-PIM's scalar registers allow), every unit with scalars of its own, and the sums of all units are added.
ValueLayout = Literal["by_output", "by_token"]


@dataclass(frozen=True, slots=True)
class AppendTraffic:
    """Bursts and row activations of appending to one key-value head of one layer.

    Attributes
    ----------
    reads
        Bursts fetched because only some of their elements change.
    writes
        Bursts written.
    activations
        Rows opened, each in a bank of its own.
    """

    reads: float
    writes: float
    activations: float

    @property
    def bursts(self) -> float:
        """Bursts that cross the bus."""
        return self.reads + self.writes

    def times(self, factor: float) -> "AppendTraffic":
        """So much traffic."""
        return AppendTraffic(self.reads * factor, self.writes * factor, self.activations * factor)

    def __add__(self, other: "AppendTraffic") -> "AppendTraffic":
        return AppendTraffic(
            self.reads + other.reads, self.writes + other.writes, self.activations + other.activations
        )


def append_by_token(tokens: int, head_bytes: int, column_bytes: int) -> AppendTraffic:
    """Keys, and values that lie so: whole columns of one row for each token, tokens in different banks."""
    return AppendTraffic(0.0, tokens * -(-head_bytes // column_bytes), tokens)


def append_by_output(tokens: int, head_dim: int, lanes: int, blocks: int) -> AppendTraffic:
    """Values that lie transposed: read, change and write a column of every output.

    Parameters
    ----------
    tokens
        New entries.
    head_dim
        Outputs.
    lanes
        Tokens in a column.
    blocks
        Banks that the outputs are spread over; those of one bank lie in one row.

    Notes
    -----
    `tokens` in succession touch 1 + (tokens - 1) / lanes columns of an output on average over where they begin; at
    most the first and the last of them keep elements of other tokens and have to be read.
    """
    columns = 1 + (tokens - 1) / lanes
    return AppendTraffic(head_dim * min(columns, 2.0), head_dim * columns, min(head_dim, blocks))


def append_cycles(timing: DramTiming, traffic: AppendTraffic, ranks: int) -> tuple[float, float]:
    """Cycles that a channel takes for the appends of one layer.

    Ours, from the constraints of the timing set: close what is open and open the first row, stream (reads, then the
    turn of the bus, then writes) as rows open behind one another, and let the last write recover. Rows open
    tRRD_S apart and at most four in tFAW, in each rank; bursts go to different bank groups in turn.

    Parameters
    ----------
    timing
        Of the ranks.
    traffic
        Of the channel.
    ranks
        Ranks among which the rows are spread.

    Returns
    -------
    tuple
        Cycles of bursts on the bus; cycles that pass beside them.
    """
    interval = max(timing.tCCDS, timing.burst_cycles)
    to_next_row = max(timing.tRRDS, timing.tFAW / 4)
    reading = traffic.reads > 0
    first_phase = traffic.reads if reading else traffic.writes
    last_row = max(0.0, traffic.activations / ranks - 1) * to_next_row
    waiting: float = timing.tRP + (timing.tRCDRD if reading else timing.tRCDWR)
    waiting += max(0.0, last_row - (first_phase - 1) * interval)
    if reading:
        waiting += max(0, timing.RL + timing.burst_cycles + timing.tRTRS - timing.WL - interval)
    waiting += timing.WL + timing.burst_cycles + timing.tWR - interval
    return traffic.bursts * interval, waiting
