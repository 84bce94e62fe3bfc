"""State of a channel: open rows, when each command may follow, who listens to broadcasts."""

from dataclasses import dataclass

from ahasd.hardware.pim_commands.constraints import Constraints
from ahasd.hardware.pim_commands.framing import switching_banks
from ahasd.hardware.pim_commands.geometry import PimGeometry
from ahasd.hardware.pim_commands.stream import ControlRow

CLOSED = -1_000_000_000
"""Open row of a bank that has none; far from any data row, so that shifting rows never meets it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state relative to the clock and to a row: what the future depends on, and nothing else.

    Times that have passed are all 1, the next cycle; rows of control are kept as they are.
    """

    rows: tuple[int, ...]
    times: tuple[int, ...]
    recent_activates: tuple[int, ...]
    all_bank: bool
    entering: frozenset[int]
    leaving: frozenset[int]
    precharge_pointer: int
    waiting_rank: int


class Channel:
    """Mutable state of the channel while commands are played; times are cycles of the caller's clock.

    In all-bank mode bank 0 (and 1) stands for its lockstep set.
    """

    __slots__ = (
        "_constraints",
        "_geometry",
        "_lockstep_quads",
        "_switching",
        "activate_ready",
        "all_bank",
        "column_read_ready",
        "column_write_ready",
        "entering",
        "group_activate_ready",
        "group_read_ready",
        "group_write_ready",
        "groups_of",
        "leaving",
        "open_banks",
        "open_rows",
        "precharge_pointer",
        "precharge_ready",
        "recent_activates",
        "sets",
        "waiting_rank",
    )

    def __init__(self, geometry: PimGeometry, constraints: Constraints) -> None:
        banks, groups = geometry.banks, geometry.bank_groups
        self._geometry = geometry
        self._constraints = constraints
        self._switching = frozenset(switching_banks(geometry))
        self._lockstep_quads = -(-geometry.blocks // 4)
        self.sets = geometry.banks_per_block
        self.groups_of = [geometry.bank_group(bank) for bank in range(banks)]
        self.open_rows = [CLOSED] * banks
        self.open_banks: list[int] = []
        self.activate_ready = [1] * banks
        self.column_read_ready = [1] * banks
        self.column_write_ready = [1] * banks
        self.precharge_ready = [1] * banks
        self.group_activate_ready = [1] * groups
        self.group_read_ready = [1] * groups
        self.group_write_ready = [1] * groups
        self.recent_activates: list[int] = []
        self.all_bank = False
        self.entering: frozenset[int] = frozenset()
        self.leaving: frozenset[int] = frozenset()
        self.precharge_pointer = 0
        self.waiting_rank = -1

    def snapshot(self, now: int, row: int) -> Snapshot:
        """State at the end of cycle `now`, with data rows relative to `row`."""
        rows = tuple([held - row if held >= 0 else held for held in self.open_rows])
        times = (
            *self.activate_ready,
            *self.column_read_ready,
            *self.column_write_ready,
            *self.precharge_ready,
            *self.group_activate_ready,
            *self.group_read_ready,
            *self.group_write_ready,
        )
        soonest = now + 1
        window = self._constraints.four_activate_window
        return Snapshot(
            rows,
            tuple([time - now if time > soonest else 1 for time in times]),
            tuple([time - now for time in self.recent_activates if time + window > now]) if window else (),
            self.all_bank,
            self.entering,
            self.leaving,
            self.precharge_pointer,
            self.waiting_rank,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Take a snapshot's state, at cycle 0 and row 0.

        Data rows behind the snapshot's row become negative; they are past and match no coming run.
        """
        banks, groups = self._geometry.banks, self._geometry.bank_groups
        self.open_rows = list(snapshot.rows)
        self.open_banks = [bank for bank in range(banks) if snapshot.rows[bank] != CLOSED]
        times = snapshot.times
        self.activate_ready = list(times[:banks])
        self.column_read_ready = list(times[banks : 2 * banks])
        self.column_write_ready = list(times[2 * banks : 3 * banks])
        self.precharge_ready = list(times[3 * banks : 4 * banks])
        rest = times[4 * banks :]
        self.group_activate_ready = list(rest[:groups])
        self.group_read_ready = list(rest[groups : 2 * groups])
        self.group_write_ready = list(rest[2 * groups :])
        self.recent_activates = list(snapshot.recent_activates)
        self.all_bank = snapshot.all_bank
        self.entering = snapshot.entering
        self.leaving = snapshot.leaving
        self.precharge_pointer = snapshot.precharge_pointer
        self.waiting_rank = snapshot.waiting_rank
