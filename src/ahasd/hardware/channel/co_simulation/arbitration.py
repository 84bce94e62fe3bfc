"""Who goes first on a shared channel."""

from dataclasses import dataclass

from ahasd.hardware.dram.timing import DramTiming


@dataclass(frozen=True, slots=True)
class Arbitration:
    """The policy (ours).

    - PIM commands go before the stream's: one of them drives banks x ranks units. Of two PIM streams that want a
      slot, the one that issued its last command earlier goes first. Only the second half of an activate, which must
      not come later than tAAD after the first, goes before a PIM command that would take its last slot.
    - A run of PIM bursts (register writes, results, KV entries) holds the data bus as soon as its rows are open,
      for the cycles in which its data will be there. To hold it only when the first command is ready would let
      reads be issued whose data, RL after their command, are in the way of writes, whose data come WL after theirs:
      the run would wait RL - WL + burst + tRTRS, and the stream's data would leave the same hole plus that wait.
    - Column commands inside the ranks keep to every g-th slot, g being the slots from one burst of a stream to the
      next, where their pace is a multiple of it and those slots are enough for all PIM streams (``in_step``). They
      wait less than a burst for it once a row, and the stream never finds the slots taken that it wants.
    - The stream has every slot that is left.

    Attributes
    ----------
    in_step
        Whether to do the third; without, the PIM side alone is that of the command model to the slot.
    """

    in_step: bool = True

    def column_slot(self, cycle: int, pace: int, agents: int, timing: DramTiming) -> int:
        """First cycle, from ``cycle`` on, for a column command inside the ranks.

        Parameters
        ----------
        cycle
            When it is ready.
        pace
            Cycles from one such command to the next.
        agents
            Streams of PIM commands.
        timing
            Of the channel.
        """
        slot = timing.command_cycles
        cadence = -(-timing.burst_cycles // slot) * slot
        slots_apart = -(-pace // slot) * slot
        if self.in_step and slots_apart % cadence == 0 and agents * cadence <= slots_apart:
            return -(-cycle // cadence) * cadence
        return cycle
