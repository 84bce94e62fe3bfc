"""The flat energy constants of the presets beside what the commands of a stream draw."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.power import load_power
from ahasd.hardware.dram.streams.energy import stream_energy
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set

#: The device that the currents are of.
DEVICE = "lpddr5-6400-16gb"
_REQUESTS = 1 << 16


@dataclass(frozen=True, slots=True)
class EnergyRow:
    """Energy of a stream by its commands, pJ per bit, and its difference from a flat constant (a fraction)."""

    level: str
    stream: str
    pj_per_bit: float
    difference: float


def energy_rows(flat_pj_per_bit: float) -> Iterator[EnergyRow]:
    """Reads and writes that stay 64, 8 or 1 bursts in a row, with refresh, by typical and maximum currents."""
    memory = load_timing_set(DEVICE)
    organisation = replace(memory.organisation, refresh=Refresh.ALL_BANK)
    for level in ("typical", "maximum"):
        for name, read_share, bursts in (
            ("read, 64 bursts per row", 1.0, 64),
            ("read, 8 bursts per row", 1.0, 8),
            ("read, 1 burst per row", 1.0, 1),
            ("write, 64 bursts per row", 0.0, 64),
        ):
            result = stream_cycles(memory.timing, organisation, RequestStream(_REQUESTS, read_share, bursts))
            energy = stream_energy(load_power(level), result, memory.timing)
            yield EnergyRow(level, name, energy.pj_per_bit, energy.relative_to(flat_pj_per_bit))


@dataclass(frozen=True, slots=True)
class InArrayRow:
    """Energy of a read inside the arrays, activate and precharge included, by its share of a read burst."""

    level: str
    share: float
    pj_per_bit: float


def in_array_rows() -> Iterator[InArrayRow]:
    """Some shares of a read burst, by typical and maximum currents."""
    for level in ("typical", "maximum"):
        power = load_power(level)
        for share in (0.15, 0.18, 0.55):
            per_bit = power.in_array_read_pj(share) / (power.burst_bytes * 8)
            per_row = (power.activate_pj + power.precharge_pj) / (2048 * 8)
            yield InArrayRow(level, share, per_bit + per_row)
