"""What playing a stream gives."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class CommandCounts:
    """Commands by kind; a precharge or refresh of all banks counts each open bank, each refresh, once.

    Attributes
    ----------
    activate, read, write
        Commands of that name.
    precharge
        Banks that were precharged.
    refresh_all, refresh_bank
        All-bank and per-bank refreshes.
    """

    activate: int = 0
    read: int = 0
    write: int = 0
    precharge: int = 0
    refresh_all: int = 0
    refresh_bank: int = 0

    def __add__(self, other: "CommandCounts") -> "CommandCounts":
        return CommandCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "CommandCounts") -> "CommandCounts":
        return CommandCounts(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __mul__(self, times: int) -> "CommandCounts":
        return CommandCounts(*(times * a for a in astuple(self)))


@dataclass(frozen=True, slots=True)
class StreamResult:
    """Cost of a stream on one channel.

    Attributes
    ----------
    cycles
        From the first request to the end of the last burst, in cycles of the timing set.
    commands
        Commands by kind.
    bytes
        Bytes moved.
    played_requests
        Requests that were played command by command; the others were extrapolated.
    exact
        Extrapolated from an exact period (or all played), not at a mean rate.
    """

    cycles: int
    commands: CommandCounts
    bytes: int
    played_requests: int
    exact: bool = True

    def seconds(self, t_ck_ns: float) -> float:
        """Duration at a cycle length."""
        return self.cycles * t_ck_ns * 1e-9
