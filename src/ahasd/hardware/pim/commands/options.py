"""How the blocks are driven, where machines or readings differ."""

from dataclasses import dataclass
from math import ceil

from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class PimOptions:
    """Choices beside timing and geometry; the defaults are the measured machine's.

    Attributes
    ----------
    weight_reuse
        Tokens that one weight read serves (1 as HBM2-PIM; LP-Spec assumes up to 4). Each of them needs its own
        inputs in the registers and its own accumulators, so register writes and write-backs grow with it.
    mac_cycles
        Cycles that a block works on one column for one token (compute rate). 0 never binds.
    read_cycles
        Least cycles between column commands, however many tokens they serve (peak of the arrays). 0 never binds.
    power_cycles
        (per column command, per token of it): cycles that their energy takes under a power cap. 0 never binds.
    activation_window
        Whether tFAW holds for the banks that one broadcast activates (ours: they open in fours, a window apart).
        The measured simulator lets all of them open at once.
    slot_cycles
        Cycles of a command; column commands that are paced follow each other in whole slots.
    intervals
        What all these paces come to, cycles between column commands for 1, 2, … tokens; worked out if not given.
    """

    weight_reuse: int = 1
    mac_cycles: float = 0.0
    read_cycles: float = 0.0
    power_cycles: tuple[float, float] = (0.0, 0.0)
    activation_window: bool = False
    slot_cycles: int = 1
    intervals: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.slot_cycles < 1:
            raise AhasdError(
                f"slot_cycles={self.slot_cycles} is out of range; a command takes at least 1 cycle"
            )
        if not 1 <= self.weight_reuse <= 4:
            raise AhasdError(
                f"weight_reuse={self.weight_reuse} is out of range; a weight read serves 1 to 4 tokens"
            )
        paces = (self.mac_cycles, self.read_cycles, *self.power_cycles)
        if not all(0 <= pace < float("inf") for pace in paces):
            raise AhasdError(
                f"mac_cycles={self.mac_cycles}, read_cycles={self.read_cycles} and power_cycles={self.power_cycles} "
                "must be finite numbers, 0 or more"
            )

    def column_interval(self, tokens: int) -> int:
        """Least cycles between column commands that compute for `tokens` tokens."""
        if self.intervals:
            return self.intervals[tokens - 1]
        per_read, per_token = self.power_cycles
        cycles = max(self.mac_cycles * tokens, self.read_cycles, per_read + per_token * tokens)
        return ceil(cycles / self.slot_cycles) * self.slot_cycles

    @property
    def played(self) -> "PimOptions":
        """All that a command stream shows of them: machines of different rates may play the same."""
        tokens = range(1, self.weight_reuse + 1)
        return PimOptions(
            weight_reuse=self.weight_reuse,
            activation_window=self.activation_window,
            intervals=tuple(map(self.column_interval, tokens)),
        )


MEASURED = PimOptions()
