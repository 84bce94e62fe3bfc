"""Command streams: column commands in order, with the barriers between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum


class Phase(IntEnum):
    """What a stretch of time is spent on; the keys of a breakdown."""

    PROLOGUE = 0
    MODE_SWITCH = 1
    REGISTER_WRITE = 2
    COMPUTE = 3
    WRITE_BACK = 4
    EPILOGUE = 5
    ROW_SWITCH = 6
    TURNAROUND = 7


class ControlRow(IntEnum):
    """Rows that are addresses of the device's control, not of data; negative, so that no data row equals one."""

    REGISTERS = -1
    """Registers, program and the switch between computing and not."""
    PARK = -2
    """A harmless row, read to leave every bank in a known state."""
    ENTER_ALL_BANK = -3
    """Activated in the switching banks, makes the rank obey broadcasts."""
    LEAVE_ALL_BANK = -4
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


Group = tuple[Run, ...]
"""Runs that the controller may reorder among themselves. The last command is a barrier: it waits until it is the
oldest, and nothing younger passes it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A body of groups, repeated; each repeat moves on by `row_step` rows from `row`."""

    body: tuple[Group, ...]
    repeats: int = 1
    row: int = 0
    row_step: int = 0

    def row_of(self, repeat: int) -> int:
        """First row of a repeat."""
        return self.row + repeat * self.row_step


def flatten(sections: list[Section]) -> Iterator[Group]:
    """All groups in order, with absolute rows."""
    for section in sections:
        for repeat in range(section.repeats):
            base = section.row_of(repeat)
            for group in section.body:
                yield tuple(
                    Run(r.write, r.bank, r.row + base if r.row >= 0 else r.row, r.count, r.phase, r.interval)
                    for r in group
                )
