"""How much of every product the host takes and how much the PIM, designed for one draft length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from ahasd.errors import AhasdError
from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.device import Device
from ahasd.hardware.mapping.map_operators import DesignPass
from ahasd.hardware.mapping.split_device import BandwidthSplit, split_operator
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.sections import MemorySection
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision

#: Corrections of a share towards both parts ending together; the best share met is taken (ours).
CORRECTIONS = 2

#: A host's part of the outputs is a multiple of this, the width of a weight tile (ours; AHASD's NPU has 128 columns).
OUTPUT_TILE = 128


@dataclass(frozen=True, slots=True)
class Split:
    """A split of both models over the ranks of a module.

    Attributes
    ----------
    devices
        One for each pass.
    host_ranks, pim_ranks
        From which the host streams, and which compute.
    """

    devices: list[BandwidthSplit]
    host_ranks: RankSet
    pim_ranks: RankSet


def split_operators(
    passes: Sequence[DesignPass],
    memory: MemorySection,
    host: Device,
    build_pim: Callable[[RankSet], Device],
    sharing: ChannelSlowdown,
    precision: Precision,
) -> Split:
    """Split every product by bandwidth: each part's share is its device's rate over both rates.

    On every channel the first ranks are the host's and the others compute. Their numbers are those whose rates would
    give the shortest round, of the splits that fit. A product that is faster undivided stays so.

    Raises
    ------
    AhasdError
        No split fits, or there are no two ranks on a channel to divide.
    """
    devices = {count: build_pim(_computing(memory, count)) for count in range(1, memory.ranks_per_channel)}
    everything = sum(_all_bytes(design, precision) for design in passes)
    for count in sorted(devices, key=lambda count: _estimate(passes, host, devices[count], precision)):
        of_host, of_pim = RankSet(memory.channels, 0, count), _computing(memory, count)
        split = [_split(design, host, devices[count], sharing, precision) for design in passes]
        held = sum(_host_bytes(d, device, precision) for d, device in zip(passes, split, strict=True))
        room = memory.rank_capacity_bytes
        if held <= of_host.count * room and everything - held <= of_pim.count * room:
            return Split(split, of_host, of_pim)
    raise AhasdError(
        f"no split of {everything / 1e9:.2f} GB of weights and caches by bandwidth fits {memory.channels} channels "
        f"of {memory.ranks_per_channel} ranks x {memory.rank_capacity_gib:g} GiB; host and PIM need ranks of their "
        "own on every channel"
    )


def _computing(memory: MemorySection, of_host: int) -> RankSet:
    """The ranks that compute, behind those of the host."""
    return RankSet(memory.channels, of_host, memory.ranks_per_channel - of_host)


def _estimate(passes: Sequence[DesignPass], host: Device, pim: Device, precision: Precision) -> float:
    """Seconds of the products of a round if the rates of both devices added up."""
    seconds = 0.0
    for design in passes:
        for operator in design.operators(precision):
            if operator.kind is OperatorKind.MATMUL:
                both = [device.operator_cost(operator).cost.seconds for device in (host, pim)]
                seconds += design.times * both[0] * both[1] / sum(both)
    return seconds


def _split(
    design: DesignPass, host: Device, pim: Device, sharing: ChannelSlowdown, precision: Precision
) -> BandwidthSplit:
    whole = BandwidthSplit(host, pim, {}, sharing)
    operators = design.operators(precision)
    shares = {o.name: _best_share(whole, [o]) for o in operators if o.kind is OperatorKind.MATMUL}
    # States of fixed size stay with the host, which alone rewrites them.
    on_cache = [o for o in operators if o.on_cache and o.kind is not OperatorKind.RECURRENCE]
    if on_cache:
        shares |= dict.fromkeys((o.name for o in on_cache), _best_share(whole, on_cache))
    return BandwidthSplit(host, pim, shares, sharing)


def _best_share(split: BandwidthSplit, group: Sequence[Operator]) -> float:
    """Share of the host by both rates, corrected a few times; all or nothing where that is faster."""

    def seconds(share: float) -> float:
        return sum(split.at_share(operator, share).cost.seconds for operator in group)

    times = {1.0: seconds(1.0), 0.0: seconds(0.0)}
    share = times[0.0] / (times[0.0] + times[1.0])
    for _ in range(1 + CORRECTIONS):
        near = [candidate for candidate in _whole_tiles(group[0], share) if candidate not in times]
        if not near:
            break
        times |= {candidate: seconds(candidate) for candidate in near}
        met = min(near, key=lambda candidate: times[candidate])
        parts = [split.at_share(operator, met).cost for operator in group]
        of_host = sum(part.host_seconds for part in parts)
        of_pim = sum(part.memory_compute_seconds for part in parts)
        if not of_host or not of_pim:
            break  # too few heads to divide
        share = met / of_host / (met / of_host + (1.0 - met) / of_pim)
    return min(times, key=lambda candidate: times[candidate])


def _whole_tiles(operator: Operator, share: float) -> list[float]:
    """The nearest shares below and above that are whole tiles, or heads."""
    if operator.kind is OperatorKind.MATMUL:
        tiles = max(1.0, operator.outputs / OUTPUT_TILE)
    else:
        tiles = operator.instances // operator.launches
    return sorted({floor(share * tiles) / tiles, min(1.0, ceil(share * tiles) / tiles)})


def _host_bytes(design: DesignPass, device: BandwidthSplit, precision: Precision) -> int:
    """What lies in the host's ranks: its parts of the matrices and of the cache, and all that is no matrix."""
    graph = design.graph(precision)
    total, resident = _all_bytes(design, precision), graph.resident_bytes
    for operator in graph.operators:
        if operator.kind is OperatorKind.MATMUL:
            of_pim = split_operator(operator, device.shares[operator.name])[1]
            held = of_pim.weight_bytes if of_pim is not None else 0
            total -= held * resident[operator.name] // operator.weight_bytes
    append = next((operator for operator in graph.operators if operator.kind is OperatorKind.APPEND), None)
    of_pim = None if append is None else split_operator(append, device.shares[append.name])[1]
    if append is None or of_pim is None:
        return total
    # What is kept of no text is a state.
    entries, state = (kv_cache_bytes(design.spec, kept, precision) for kept in (design.entries, 0))
    return total - (entries - state) * of_pim.instances // append.instances


def _all_bytes(design: DesignPass, precision: Precision) -> int:
    return weight_bytes(design.spec, precision) + kv_cache_bytes(design.spec, design.entries, precision)
