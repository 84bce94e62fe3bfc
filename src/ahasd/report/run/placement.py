"""What the placement gives each side, alone and while the other is at work."""

from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.hardware.placement.placement import RankSet
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.shared_memory import SharedMemory


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


def sharing_text(found: SharedMemory) -> str:
    """Bandwidth of a pass of the NPU and of a draft step of the PIM, alone and together, and what the buses take."""
    lines = [
        "While a verification and a draft step both run (alone -> together):",
        f"  NPU stream   {_rates(found.stream_bytes_per_second, found.stream_kept)}",
        f"  PIM arrays   {_rates(found.array_bytes_per_second, found.arrays_kept)}",
    ]
    if found.kept_without is None:
        lines.append("  both models lie on the same ranks: operators of the two sides take turns")
    else:
        lines += [
            f"  without the conflict on the {bus} bus the stream would keep {share:.1%}"
            for bus, share in found.kept_without.items()
        ]
    lines += [
        f"  a draft step's bursts hold the data bus for {found.bus_share:.2%} of its time, in "
        f"{found.bus_runs:,.0f} runs",
        f"  refresh takes {found.refresh_share:.1%} of every rank's time; a channel streams "
        f"{found.channel_bytes_per_second / 1e9:.2f} GB/s with it (peak of the bus "
        f"{found.channel_peak_gb_per_second:g} GB/s)",
    ]
    return "\n".join(lines) + "\n"


def _rates(alone: float, kept: float) -> str:
    """Gigabytes per second alone and together."""
    return f"{alone / 1e9:7.1f} -> {alone / 1e9 * kept:7.1f} GB/s  ({kept:.1%})"


def _ranks(ranks: RankSet) -> str:
    last = ranks.first + ranks.per_channel - 1
    numbers = f"rank {ranks.first}" if ranks.per_channel == 1 else f"ranks {ranks.first}-{last}"
    return f"{numbers} of {ranks.channels} channels ({ranks.count} ranks)"
