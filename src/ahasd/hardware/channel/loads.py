"""Loads of PIM products on one channel, for the slowdown model."""

from math import ceil, comb

from ahasd.hardware.channel.slot_conflicts import displacement, share_lost
from ahasd.hardware.channel.slowdown import ChannelLoad
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.command_counts import CommandCounts, gemv_counts
from ahasd.hardware.pim.commands import PimGeometry, PimOptions, pim_command_model


def product_loads(
    timing: DramTiming,
    organisation: ChannelOrganisation,
    geometry: PimGeometry,
    options: PimOptions,
    shape: tuple[int, int, int],
    crossing_bursts: tuple[int, int] = (0, 0),
    agents: int = 1,
    refresh: bool = True,
    quiet_cycles: float | None = None,
) -> tuple[ChannelLoad, ChannelLoad]:
    """Loads of a matrix-vector product, and of what is read and written after it; they add up.

    Ranks with commands of their own (``agents``) begin a product together. The runs of bursts of one wait for those
    of the others; as all do the same, each is behind the one before it by the longest run, and nowhere more than
    that: all take (agents - 1) (longest run + tRTRS) more, and longer still where the agents' column commands need
    more slots than there are. What takes x refresh intervals meets floor(x) refreshes of a rank, and with probability
    1 - (1 - frac(x))^agents one more of some rank, which all wait for.

    Parameters
    ----------
    timing, organisation
        The channel; the organisation of the stream's rank.
    geometry, options
        What one stream of commands drives: all ranks of the channel in lockstep, or one of them.
    shape
        (outputs, inputs, batch) of that part of the product.
    crossing_bursts
        (read, written) after it, by one agent.
    agents
        Streams of commands on the channel.
    refresh
        Whether the ranks are refreshed.
    quiet_cycles
        Of the product without refresh, where they are known already.
    """
    counts = gemv_counts(timing, geometry, options, *shape)
    if quiet_cycles is None:
        quiet_cycles = pim_command_model(timing, geometry, options).gemv(*shape, refresh=False)
    behind = agents - 1
    cycles = quiet_cycles + behind * (counts.longest + timing.tRTRS)
    cycles += sum(n * max(agents * timing.command_cycles - pace, 0) for pace, n in counts.columns.items())
    transfers = [bursts * max(timing.tCCDS, timing.burst_cycles) for bursts in crossing_bursts if bursts]
    crossing = sum(transfers) + len(transfers) * (timing.tRP + timing.tRCDRD)
    crossing += behind * max(max(transfers, default=0) - counts.longest, 0)
    stretch = 1.0
    if refresh:
        whole, rest = divmod((cycles + crossing) / timing.tREFI, 1.0)
        stalls = (whole + 1 - (1 - rest) ** agents) * (timing.tRFC + timing.tRP + timing.tRCDRD)
        stretch += stalls / (cycles + crossing)
    cycle_s = timing.tCK_ns * 1e-9
    displaced = _displaced_cycles(timing, organisation, counts, agents, cycles * stretch)
    product = ChannelLoad(
        seconds=cycles * stretch * cycle_s,
        data_seconds=agents * counts.data * cycle_s,
        data_runs=agents * counts.runs,
        displaced_seconds=displaced * cycle_s,
    )
    crossings = ChannelLoad(
        seconds=crossing * stretch * cycle_s,
        data_seconds=agents * sum(transfers) * cycle_s,
        data_runs=agents * len(transfers),
    )
    return product, crossings


def _displaced_cycles(
    timing: DramTiming,
    organisation: ChannelOrganisation,
    counts: CommandCounts,
    agents: int,
    cycles: float,
) -> float:
    """Cycles by which a stream at full rate falls behind over a product, beside those of the data bus.

    Agents are taken to compute independently of each other, while none has a run of bursts; then the share lost is
    that of :func:`share_lost` for each number of them, weighed with its binomial probability. Row commands come at
    any time.
    """
    slot = timing.command_cycles
    cadence = ceil(timing.burst_cycles / slot)
    demand = _slots_per_burst(timing, organisation) / cadence
    held = min(counts.data / cycles, 1.0 / agents)  # by the runs of one agent
    apart = (counts.activates + counts.overhang) * displacement(1, cadence)  # each row is closed once
    apart += counts.activates * displacement(2 if timing.tAAD else 1, cadence)
    displaced = agents * apart * slot * (1.0 - (agents - 1) * held)
    free = max(1.0 - agents * held, 0.0)
    for pace, count in counts.columns.items():
        slots = ceil(pace / slot)
        share = min(count * slots * slot / cycles / max(1.0 - held, 1e-9), 1.0)
        in_step = slots % cadence == 0 and agents * cadence <= slots
        for active in range(1, agents + 1):
            chance = comb(agents, active) * share**active * (1.0 - share) ** (agents - active)
            displaced += cycles * free * chance * share_lost(active, slots, cadence, demand, in_step)
    return displaced


def _slots_per_burst(timing: DramTiming, organisation: ChannelOrganisation) -> float:
    """Command slots of a stream per burst: each row is opened and closed, and once more around each refresh."""
    row = (2 if timing.tAAD else 1) + 1
    bursts = timing.tREFI / timing.burst_cycles
    return 1.0 + row / organisation.bursts_per_row + (row * organisation.banks + 1) / bursts
