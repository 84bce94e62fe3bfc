"""What a step costs: seconds, joules by component, bytes by link, multiply-accumulates."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import reduce
from operator import add, attrgetter

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.workload.operators import Operator


class Bound(StrEnum):
    """What a step or an operator spends most of its time on."""

    COMPUTE = "compute"
    MEMORY = "memory"
    BUS = "bus"
    LAUNCH = "launch"
    POWER = "power"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """Cost of one step of a device; what is not given is nothing.

    Attributes
    ----------
    seconds
        Duration with nothing else running.
    bus_bytes
        Bytes that cross the module's data bus.
    array_bytes
        Bytes read by compute units inside the memory.
    macs
        Multiply-accumulates.
    operators
        Operators, each of which starts and ends on its own.
    energy_j
        Joules in the order of :data:`~ahasd.hardware.components.DYNAMIC_COMPONENTS`.
    data_seconds, data_runs, displaced_seconds
        What it asks of every channel, all alike: see :class:`~ahasd.hardware.channel.slowdown.ChannelLoad`.
    host_seconds
        Time for which a step of the memory, or one that host and memory do together, keeps the host busy: vector work
        that does not stay in the ranks, or the host's part. 0 for a host's own steps.
    memory_compute_seconds
        Time for which a step that host and memory do together keeps the memory's compute units busy; 0 for others.
    """

    seconds: float = 0.0
    bus_bytes: float = 0.0
    array_bytes: float = 0.0
    macs: float = 0.0
    operators: float = 0.0
    energy_j: tuple[float, ...] = (0.0,) * len(DYNAMIC_COMPONENTS)
    data_seconds: float = 0.0
    data_runs: float = 0.0
    displaced_seconds: float = 0.0
    host_seconds: float = 0.0
    memory_compute_seconds: float = 0.0

    @property
    def joules(self) -> float:
        """Energy of all components."""
        return sum(self.energy_j)

    def toward(self, other: "StepCost", share: float) -> "StepCost":
        """Interpolate linearly: ``share`` 0 is this cost, 1 the other."""
        own = 1.0 - share
        return StepCost(
            seconds=own * self.seconds + share * other.seconds,
            bus_bytes=own * self.bus_bytes + share * other.bus_bytes,
            array_bytes=own * self.array_bytes + share * other.array_bytes,
            macs=own * self.macs + share * other.macs,
            operators=own * self.operators + share * other.operators,
            energy_j=tuple([own * a + share * b for a, b in zip(self.energy_j, other.energy_j, strict=True)]),
            data_seconds=own * self.data_seconds + share * other.data_seconds,
            data_runs=own * self.data_runs + share * other.data_runs,
            displaced_seconds=own * self.displaced_seconds + share * other.displaced_seconds,
            host_seconds=own * self.host_seconds + share * other.host_seconds,
            memory_compute_seconds=own * self.memory_compute_seconds + share * other.memory_compute_seconds,
        )

    def __add__(self, other: "StepCost") -> "StepCost":
        return StepCost(
            seconds=self.seconds + other.seconds,
            bus_bytes=self.bus_bytes + other.bus_bytes,
            array_bytes=self.array_bytes + other.array_bytes,
            macs=self.macs + other.macs,
            operators=self.operators + other.operators,
            energy_j=tuple(map(add, self.energy_j, other.energy_j)),
            data_seconds=self.data_seconds + other.data_seconds,
            data_runs=self.data_runs + other.data_runs,
            displaced_seconds=self.displaced_seconds + other.displaced_seconds,
            host_seconds=self.host_seconds + other.host_seconds,
            memory_compute_seconds=self.memory_compute_seconds + other.memory_compute_seconds,
        )


NO_COST = StepCost()

#: All single numbers of a cost.
_PART_NAMES = tuple(field.name for field in fields(StepCost) if field.name != "energy_j")
_PARTS = attrgetter(*_PART_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCost:
    """Cost of one operator (all its instances), and what it is made of.

    ``bound`` names the largest share of ``cost.seconds``. ``duty`` is the share of their time that column commands
    in memory would take without the power cap: unthrottled over throttled time, 1 where the cap does not bind.
    """

    operator: Operator
    cost: StepCost
    compute_seconds: float = 0.0
    memory_seconds: float = 0.0
    bus_seconds: float = 0.0
    launch_seconds: float = 0.0
    bound: Bound
    duty: float = 1.0

    def toward(self, other: "OperatorCost", share: float) -> "OperatorCost":
        """Interpolate linearly, all but the bound: ``share`` 0 is this cost, 1 the other."""
        own = 1.0 - share
        return OperatorCost(
            operator=self.operator,
            cost=self.cost.toward(other.cost, share),
            compute_seconds=own * self.compute_seconds + share * other.compute_seconds,
            memory_seconds=own * self.memory_seconds + share * other.memory_seconds,
            bus_seconds=own * self.bus_seconds + share * other.bus_seconds,
            launch_seconds=own * self.launch_seconds + share * other.launch_seconds,
            bound=self.bound if share < 0.5 else other.bound,
            duty=own * self.duty + share * other.duty,
        )


def total(costs: Iterable[OperatorCost]) -> StepCost:
    """Sum of operators that run one after the other, from the first to the last."""
    rows = [(*_PARTS(cost.cost), *cost.cost.energy_j) for cost in costs]
    if not rows:
        return NO_COST
    sums = [reduce(add, column, 0.0) for column in zip(*rows, strict=True)]
    parts = dict(zip(_PART_NAMES, sums[: len(_PART_NAMES)], strict=True))
    return StepCost(**parts, energy_j=tuple(sums[len(_PART_NAMES) :]))
