"""A host and a computing memory that take operators in turn, by a static mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.hardware.cost import OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.energy import bits_j, energy_vector
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.graph import Flow, OperatorGraph
from ahasd.workload.operators import Operator, OperatorKind


def crossing_sides(flow: Flow, vectors: frozenset[str], aau: bool) -> list[tuple[Side, tuple[str, ...]]]:
    """From which side a flow crosses the bus to which of its consumers, beyond what these have paid themselves.

    A product in memory pays for its input's way into the ranks, wherever it comes from, and without the AAU its sums
    cross to the host; with it what is to leave the ranks is read, and what vector work there needs is written.
    """
    if not aau:
        return []
    onto_vectors = tuple(name for name in flow.consumers if name in vectors)
    sides = [(Side.PIM, flow.consumers), (Side.HOST, onto_vectors)]
    return [(source, consumers) for source, consumers in sides if consumers]


def vector_names(operators: Iterable[Operator]) -> frozenset[str]:
    """Names of the operators that do vector work."""
    return frozenset(operator.name for operator in operators if operator.kind is OperatorKind.VECTOR)


class OperatorMapped(Device):
    """Each operator runs on the side that the mapping names, and the other side waits.

    A value that is made on one side and used on the other crosses the memory's bus, once. Mode switches are in the
    cost of every product in memory. Since one side works at a time, ranks and buses are never in conflict.

    Parameters
    ----------
    host
        Streams from the memory.
    pim
        Computes in it.
    sides
        The side of every operator of a pass, by name.
    hardware
        The machine, for its energy constants.
    launch_s
        What the host takes to launch a kernel that drives the memory, for each launch of an operator there; 0 where
        the memory's controller does that.
    """

    def __init__(
        self,
        host: Device,
        pim: Pim,
        sides: Mapping[str, Side],
        hardware: Hardware,
        launch_s: float = 0.0,
    ) -> None:
        self.name = f"{host.name}+{pim.name}"
        self._hardware, self.launch_s = hardware, launch_s
        self.host, self.pim, self.sides = host, pim, dict(sides)
        self._energy = hardware.require_energy()

    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator on its side, without crossings.

        Raises
        ------
        AhasdError
            The mapping, which is of another model, says no side for it, or that side does not run its kind.
        """
        side = self.sides.get(operator.name)
        if side is None:
            raise AhasdError(
                f"{self.name} runs what it was mapped for, and {operator.name} is not part of that"
            )
        return self.on_side(operator, side)

    def on_side(self, operator: Operator, side: Side) -> OperatorCost:
        """Cost of one operator on either side."""
        if side is Side.HOST:
            found = self.host.operator_cost(operator)
            return replace(found, cost=replace(found.cost, host_seconds=found.cost.seconds))
        found = self.pim.operator_cost(operator)
        launch = self.launch_s * operator.launches
        seconds = found.cost.seconds + launch
        cost = replace(found.cost, seconds=seconds, memory_compute_seconds=seconds)
        return replace(found, cost=cost, launch_seconds=found.launch_seconds + launch)

    def with_sides(self, sides: Mapping[str, Side]) -> "OperatorMapped":
        """The same devices with another mapping."""
        return OperatorMapped(self.host, self.pim, sides, self._hardware, self.launch_s)

    def breakdown(self, graph: OperatorGraph) -> list[OperatorCost]:
        """Cost of each operator, and of taking what it makes to the other side."""
        costs = super().breakdown(graph)
        leaving: dict[str, float] = {}
        if self.pim.aau:
            vectors = vector_names(graph.operators)
            for flow in graph.flows:
                crossing = self._crossing_bytes(flow, vectors)
                leaving[flow.producer] = leaving.get(flow.producer, 0.0) + crossing
        return [self._with_crossing(cost, leaving.get(cost.operator.name, 0.0)) for cost in costs]

    def crossing_seconds(self, byte_count: float) -> float:
        """How long bytes take from one side to the other."""
        return byte_count / self.pim.bus_bytes_per_second

    def _crossing_bytes(self, flow: Flow, vectors: frozenset[str]) -> int:
        source = self.sides[flow.producer]
        for side, consumers in crossing_sides(flow, vectors, self.pim.aau):
            if side is source and any(self.sides[name] is not source for name in consumers):
                return flow.bytes
        return 0

    def _with_crossing(self, found: OperatorCost, byte_count: float) -> OperatorCost:
        if not byte_count:
            return found
        seconds, energy = self.crossing_seconds(byte_count), self._energy
        crossing = StepCost(
            seconds=seconds,
            memory_compute_seconds=seconds,
            bus_bytes=byte_count,
            energy_j=energy_vector(
                dram_offchip=bits_j(byte_count, energy.offchip_pj_per_bit),
                # A transfer keeps one rank of each channel open.
                dram_active=seconds * self.pim.channels * energy.rank_active_mw * 1e-3,
            ),
        )
        return replace(found, cost=found.cost + crossing, bus_seconds=found.bus_seconds + seconds)
