"""What the placement gives each side, alone and while the other is at work."""

from ahasd.hardware.cost import StepCost
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.dram.streams.rates import streaming_bytes_per_second
from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.hardware.placement.placement import RankSet
from ahasd.speculation.place import PlacedMachine


def placement_text(placed: PlacedMachine) -> str:
    """Which ranks or which device's memory holds which model."""
    of = {model: placed.placement.of(model) for model in ("target", "draft")}
    on_ranks = [(model, ranks) for model, ranks in of.items() if ranks is not None]
    elsewhere = [
        f"{model} in the memory of {DEVICES[device].title}"
        for model, device in placed.system.devices.items()
        if DEVICES[device].memory != "module"
    ]
    how = f" ({placed.system.placement})" if placed.system.uses_pim and len(on_ranks) == 2 else ""
    return (
        f"Placement{how}: "
        + "; ".join([f"{model} on {_ranks(ranks)}" for model, ranks in on_ranks] + elsewhere)
        + "\n"
    )


def sharing_text(placed: PlacedMachine, stream: StepCost, step: StepCost) -> str:
    """Bandwidth of a pass of the NPU and of a draft step of the PIM, alone and together, and what the buses take.

    Parameters
    ----------
    placed
        With a draft in memory and the target on the NPU.
    stream, step
        Costs of the pass and of the step.
    """
    of_stream, of_step = placed.machine.conflicts.speeds(stream, step)
    alone, arrays = stream.bus_bytes / stream.seconds / 1e9, step.array_bytes / step.seconds / 1e9
    lines = [
        "While a verification and a draft step both run (alone -> together):",
        f"  NPU stream   {alone:7.1f} -> {alone * of_stream:7.1f} GB/s  ({of_stream:.1%})",
        f"  PIM arrays   {arrays:7.1f} -> {arrays * of_step:7.1f} GB/s  ({of_step:.1%})",
    ]
    if placed.machine.conflicts.takes_turns:
        lines.append("  both models lie on the same ranks: operators of the two sides take turns")
    else:
        lines += [
            f"  without the conflict on the {bus} bus the stream would keep {share:.1%}"
            for bus, share in _without(placed, stream, step)
        ]
    lines.append(
        f"  a draft step's bursts hold the data bus for {step.data_seconds / step.seconds:.2%} of its time, in "
        f"{step.data_runs:,.0f} runs"
    )
    lines.append(_refresh(placed))
    return "\n".join(lines) + "\n"


def _without(placed: PlacedMachine, stream: StepCost, step: StepCost) -> list[tuple[str, float]]:
    """Speed of the stream without the conflict on a bus that is not switched off anyway."""
    found = []
    for bus, switch in (("data", "ideal_bus_sharing"), ("command", "ideal_command_bus")):
        if not getattr(placed.system, switch):
            found.append((bus, placed.channel(**{switch: True}).rates(stream, step)[0]))
    return found


def _refresh(placed: PlacedMachine) -> str:
    memory = effective_memory(placed.hardware)
    share, section = 0.0, placed.hardware.require_memory()
    if section.refresh_rate:
        share = memory.timing.tRFC / memory.timing.tREFI
    reached = streaming_bytes_per_second(memory.timing, memory.organisation) / 1e9
    return (
        f"  refresh takes {share:.1%} of every rank's time; a channel streams {reached:.2f} GB/s with it "
        f"(peak of the bus {section.channel_gb_per_second:g} GB/s)"
    )


def _ranks(ranks: RankSet) -> str:
    last = ranks.first + ranks.per_channel - 1
    numbers = f"rank {ranks.first}" if ranks.per_channel == 1 else f"ranks {ranks.first}-{last}"
    return f"{numbers} of {ranks.channels} channels ({ranks.count} ranks)"
