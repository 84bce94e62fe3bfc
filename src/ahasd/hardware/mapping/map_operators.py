"""The static mapping of the operators of draft and target to host and PIM, designed for one draft length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahasd.hardware.device import Device
from ahasd.hardware.mapping.best_mapping import Crossing, Mapped, Side, Unit, best_mapping
from ahasd.hardware.mapping.mapped_device import OperatorMapped, crossing_sides, vector_names
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class DesignPass:
    """A pass of a model as it is at the design point.

    Attributes
    ----------
    spec
        The model.
    width, context
        Tokens passed, and entries in the cache before.
    times
        Such passes in a round: 1 for the target, the draft length for the draft.
    entries
        That the cache has room for.
    """

    spec: ModelSpec
    width: int
    context: int
    times: int
    entries: int

    def graph(self, precision: Precision) -> LayeredGraph:
        """Graph of the pass."""
        return forward_pass(self.spec, self.width, self.context, precision)

    def operators(self, precision: Precision) -> tuple[Operator, ...]:
        """Operators of the pass."""
        return self.graph(precision).operators


@dataclass(frozen=True, slots=True)
class Capacities:
    """Bytes of a host's own memory and of the computing memory; None where both work on the same."""

    host: int | None = None
    pim: int | None = None


def design_passes(
    target: ModelSpec, draft: ModelSpec | None, draft_length: int, context: int, entries: int
) -> list[DesignPass]:
    """Passes of a round: so many draft steps and a verification of one token more; without a draft a decode step."""
    if draft is None:
        return [DesignPass(target, 1, context, 1, entries)]
    return [
        DesignPass(target, draft_length + 1, context, 1, entries),
        DesignPass(draft, 1, context, draft_length, entries),
    ]


def map_operators(
    passes: Sequence[DesignPass],
    host: Device,
    pim: Pim,
    hardware: Hardware,
    precision: Precision,
    capacities: Capacities = Capacities(),
    launch_s: float = 0.0,
) -> list[OperatorMapped]:
    """Map the operators of each pass so that a round takes the least time, exactly.

    All layers of a model are mapped alike, and what works on its cache goes to one side. Vector work can be in memory
    only with the AAU. ``launch_s`` is what the host takes to launch an operator there.

    Returns
    -------
    list
        A device for each pass.

    Raises
    ------
    AhasdError
        The capacities are too small.
    """
    devices = OperatorMapped(host, pim, {}, hardware, launch_s)
    units: list[Unit] = []
    crossings: list[Crossing] = []
    members: list[dict[str, int]] = []
    for design in passes:
        graph = design.graph(precision)
        start = len(units)
        groups = _groups(graph.operators)
        index = {o.name: start + i for i, group in enumerate(groups) for o in group}
        units += [_unit(design, group, graph, devices, precision) for group in groups]
        crossings += _crossings(design, graph, index, pim)
        members.append(index)
    found = best_mapping(units, crossings, capacities.host, capacities.pim)
    return [devices.with_sides(_sides(index, found)) for index in members]


def in_memory(device: OperatorMapped, operators: Iterable[Operator]) -> list[str]:
    """Names of the operators that run in memory, in order."""
    return [operator.name for operator in operators if device.sides[operator.name] is Side.PIM]


def _groups(operators: Sequence[Operator]) -> list[list[Operator]]:
    # A state is not where keys and values are: each of the operators that rewrite one is a unit of its own.
    on_cache = [o for o in operators if o.on_cache and o.kind is not OperatorKind.RECURRENCE]
    return [
        on_cache if on_cache and operator is on_cache[0] else [operator]
        for operator in operators
        if operator not in on_cache[1:]
    ]


def _unit(
    design: DesignPass,
    group: Sequence[Operator],
    graph: LayeredGraph,
    devices: OperatorMapped,
    precision: Precision,
) -> Unit:
    vector = any(o.kind is OperatorKind.VECTOR for o in group)
    in_pim = float("inf")
    if all(map(devices.pim.runs, group)) and (not vector or devices.pim.aau):
        in_pim = design.times * sum(devices.on_side(o, Side.PIM).cost.seconds for o in group)
    on_host = design.times * sum(devices.on_side(o, Side.HOST).cost.seconds for o in group)
    return Unit(
        f"{design.spec.name} {group[0].name}",
        on_host,
        in_pim,
        _kept_bytes(design, group, graph, precision),
    )


def _kept_bytes(
    design: DesignPass, group: Sequence[Operator], graph: LayeredGraph, precision: Precision
) -> int:
    """What a unit keeps in memory: a matrix, the cache, or, with the first table, the rest of the weights."""
    first, operators = group[0], graph.operators
    if first.kind is OperatorKind.MATMUL:
        return graph.resident_bytes[first.name]
    if first.kind is OperatorKind.RECURRENCE:
        return first.kv_read_bytes
    if first.on_cache:
        entries, state = (kv_cache_bytes(design.spec, kept, precision) for kept in (design.entries, 0))
        return entries - state
    if first is next(o for o in operators if o.kind is OperatorKind.GATHER):
        resident = graph.resident_bytes
        matrices = sum(resident[o.name] for o in operators if o.kind is OperatorKind.MATMUL)
        return max(0, weight_bytes(design.spec, precision) - matrices)  # a tied head is counted as the head
    return 0


def _crossings(design: DesignPass, graph: LayeredGraph, index: dict[str, int], pim: Pim) -> list[Crossing]:
    vectors = vector_names(graph.operators)
    return [
        Crossing(
            index[flow.producer],
            tuple(index[name] for name in consumers),
            source,
            design.times * flow.bytes / pim.bus_bytes_per_second,
        )
        for flow in graph.flows
        for source, consumers in crossing_sides(flow, vectors, pim.aau)
    ]


def _sides(index: dict[str, int], found: Mapped) -> dict[str, Side]:
    return {name: found.sides[unit] for name, unit in index.items()}
