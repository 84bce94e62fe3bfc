"""What playing a body does."""

from dataclasses import dataclass

from ahasd.hardware.pim.commands.snapshot import Snapshot
from ahasd.hardware.pim.commands.stream import Phase

#: Later than any cycle.
NEVER = 1 << 60

#: Phases whose waits are their own.
FRAMES = (Phase.PROLOGUE, Phase.MODE_SWITCH, Phase.EPILOGUE)

#: What is wrong with commands of which none is possible.
STUCK = "the PIM command stream cannot go on: no command is possible any more"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What playing a body does.

    Attributes
    ----------
    cycles
        From the last column command before it to its own last.
    state
        After that command.
    refresh_due
        Cycles from there to the next refresh of each set of ranks; empty without refresh.
    phases
        `cycles` by `Phase`.
    refreshed
        Whether a refresh came due meanwhile.
    """

    cycles: int
    state: Snapshot
    refresh_due: tuple[int, ...]
    phases: tuple[int, ...]
    refreshed: bool
