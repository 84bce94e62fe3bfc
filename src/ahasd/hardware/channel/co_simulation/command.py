"""What passes on the buses, for looking at it afterwards."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Commands of a DRAM."""

    ACTIVATE = "activate"
    SECOND_HALF = "second half of an activate"
    START_CLOCK = "start of the data clock"
    READ = "read"
    WRITE = "write"
    PRECHARGE = "precharge"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes
    ----------
    cycle
        Of its begin.
    owner
        0 the stream, 1 and up the streams of PIM commands.
    kind
        What it is.
    slots
        Command slots that it takes.
    bank
        Where to; -1 for all banks.
    row
        That is opened or used; -1 where that is not said.
    interval
        Least cycles to the next column command.
    data
        (begin, end) on the data bus.
    """

    cycle: int
    owner: int
    kind: Kind
    slots: int = 1
    bank: int = -1
    row: int = -1
    interval: int = 0
    data: tuple[int, int] | None = None
