"""What a pass of the NPU and a draft step of the PIM take from each other on one memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.hardware.cost import StepCost
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.dram.streams.rates import streaming_bytes_per_second
from ahasd.speculation.place import PlacedMachine


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """Rates alone and while both run.

    Attributes
    ----------
    stream_bytes_per_second, array_bytes_per_second
        Of the pass over the bus, and of the draft step inside the arrays, each alone.
    stream_kept, arrays_kept
        Shares of these rates while both run.
    kept_without
        Share that the stream would keep without the conflict on a bus, by bus; of those that are not switched off
        anyway. None where both models lie on the same ranks and take turns.
    bus_share, bus_runs
        Share of the draft step's time in which its bursts hold the data bus, and in how many runs.
    refresh_share
        Of every rank's time.
    channel_bytes_per_second
        Of a long stream on one channel, refresh included.
    channel_peak_gb_per_second
        Of its bus.
    """

    stream_bytes_per_second: float
    array_bytes_per_second: float
    stream_kept: float
    arrays_kept: float
    kept_without: Mapping[str, float] | None
    bus_share: float
    bus_runs: float
    refresh_share: float
    channel_bytes_per_second: float
    channel_peak_gb_per_second: float


def shared_memory(placed: PlacedMachine, stream: StepCost, step: StepCost) -> SharedMemory:
    """Compare both sides alone and together.

    Parameters
    ----------
    placed
        With a draft in memory and the target on the NPU.
    stream, step
        Costs of the pass and of the step.
    """
    memory, section = effective_memory(placed.hardware), placed.hardware.require_memory()
    conflicts = placed.machine.conflicts
    stream_kept, arrays_kept = conflicts.speeds(stream, step)
    return SharedMemory(
        stream.bus_bytes / stream.seconds,
        step.array_bytes / step.seconds,
        stream_kept,
        arrays_kept,
        None if conflicts.takes_turns else _kept_without(placed, stream, step),
        step.data_seconds / step.seconds,
        step.data_runs,
        memory.timing.tRFC / memory.timing.tREFI if section.refresh_rate else 0.0,
        streaming_bytes_per_second(memory.timing, memory.organisation),
        section.channel_gb_per_second,
    )


def _kept_without(placed: PlacedMachine, stream: StepCost, step: StepCost) -> dict[str, float]:
    found = {}
    for bus, switch in (("data", "ideal_bus_sharing"), ("command", "ideal_command_bus")):
        if not getattr(placed.system, switch):
            found[bus] = placed.channel(**{switch: True}).rates(stream, step)[0]
    return found
