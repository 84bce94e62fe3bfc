"""Command streams: column commands in order, with the barriers between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum


class Phase(IntEnum):
    """What a column command, or the wait before it, belongs to."""

    PROLOGUE = 0
    MODE_SWITCH = 1
    REGISTER_WRITE = 2
    COMPUTE = 3
    WRITE_BACK = 4
    EPILOGUE = 5
    ROW_SWITCH = 6
    TURNAROUND = 7


class ControlRow(IntEnum):
    """Rows that are addresses of the device's control, not of data; far below 0, where no data row comes."""

    REGISTERS = -1_000_001
    """Registers, program and the switch between computing and not."""
    PARK = -1_000_002
    """A harmless row, read to leave every bank in a known state."""
    ENTER_ALL_BANK = -1_000_003
    """Activated in the switching banks, makes the rank obey broadcasts."""
    LEAVE_ALL_BANK = -1_000_004
    """Precharged in the switching banks, makes the rank obey single banks again."""


@dataclass(frozen=True, slots=True)
class Run:
    """`count` column commands of one kind to consecutive columns of one row of one bank.

    In all-bank mode the bank stands for all that it is in lockstep with. A data row (0 or more) is relative to
    the `Section` that the run is in; `interval` is the least number of cycles between the run's commands.
    """

    write: bool
    bank: int
    row: int
    count: int
    phase: Phase
    interval: int = 0


#: Runs that the controller may reorder among themselves. The last command is a barrier: it waits until it is the
#: oldest, and nothing younger passes it.
Group = tuple[Run, ...]

#: Groups in order.
Body = tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A body, repeated; each repeat moves on by `row_step` rows from `row`."""

    body: Body
    repeats: int = 1
    row: int = 0
    row_step: int = 0

    def row_of(self, repeat: int) -> int:
        """First row of a repeat."""
        return self.row + repeat * self.row_step


def in_rows(columns_per_row: int, run: Run, first_column: int) -> Group:
    """Split a run that starts at `first_column`, counted from the start of its row, where it crosses a row."""
    parts: list[Run] = []
    column, end = first_column, first_column + run.count
    while column < end:
        row, offset = divmod(column, columns_per_row)
        count = min(end - column, columns_per_row - offset)
        parts.append(Run(run.write, run.bank, run.row + row, count, run.phase, run.interval))
        column += count
    return tuple(parts)


def flatten(sections: Iterable[Section]) -> Iterator[Group]:
    """All groups in order, with absolute rows."""
    for section in sections:
        for repeat in range(section.repeats):
            row = section.row_of(repeat)
            for group in section.body:
                yield tuple(
                    Run(r.write, r.bank, r.row + row if r.row >= 0 else r.row, r.count, r.phase, r.interval)
                    for r in group
                )
