"""Energy of a stream, from its commands and its duration."""

from dataclasses import dataclass

from ahasd.hardware.dram.power import DramPower
from ahasd.hardware.dram.streams.result import StreamResult
from ahasd.hardware.dram.timing import DramTiming


@dataclass(frozen=True, slots=True)
class StreamEnergy:
    """Energy of a stream on one channel, pJ by cause.

    Attributes
    ----------
    row_pj
        Activates and precharges.
    burst_pj
        Reads and writes inside the DRAM.
    standby_pj
        Standby for the duration of the stream: active, and precharged during all-bank refreshes.
    refresh_pj
        Refreshes during the stream.
    interface_pj
        Drivers and receivers at both ends.
    bits
        Bits moved.
    """

    row_pj: float
    burst_pj: float
    standby_pj: float
    refresh_pj: float
    interface_pj: float
    bits: int

    @property
    def core_pj_per_bit(self) -> float:
        """Rows, bursts and standby: what a streaming DRAM draws itself."""
        return (self.row_pj + self.burst_pj + self.standby_pj) / self.bits

    @property
    def pj_per_bit(self) -> float:
        """Everything, per bit moved; comparable with a flat constant per bit."""
        return self.core_pj_per_bit + (self.refresh_pj + self.interface_pj) / self.bits

    def relative_to(self, flat_pj_per_bit: float) -> float:
        """Difference from a flat constant, as a fraction of it."""
        return self.pj_per_bit / flat_pj_per_bit - 1


def stream_energy(power: DramPower, result: StreamResult, timing: DramTiming) -> StreamEnergy:
    """Energy of a stream of at least one burst, whose bursts have the size that ``power`` knows.

    The same rows are refreshed bank by bank as all at once, so a per-bank refresh takes its share of the interval
    (tREFIpb over tREFI) of the energy of an all-bank refresh (ours).
    """
    commands = result.commands
    refreshing = commands.refresh_all * timing.tRFC
    bank_share = timing.tREFIpb / timing.tREFI
    burst_bits = power.burst_bytes * 8
    read_bits, write_bits = commands.read * burst_bits, commands.write * burst_bits
    return StreamEnergy(
        row_pj=commands.activate * power.activate_pj + commands.precharge * power.precharge_pj,
        burst_pj=commands.read * power.read_burst_pj + commands.write * power.write_burst_pj,
        standby_pj=timing.tCK_ns
        * (power.active_mw * (result.cycles - refreshing) + power.precharged_mw * refreshing),
        refresh_pj=power.refresh_pj * (commands.refresh_all + commands.refresh_bank * bank_share),
        interface_pj=read_bits * (power.read_interface_pj_per_bit + power.read_controller_pj_per_bit)
        + write_bits * power.write_controller_pj_per_bit,
        bits=read_bits + write_bits,
    )
