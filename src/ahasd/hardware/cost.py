"""What a step costs: seconds, joules by component, bytes by link, multiply-accumulates."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ahasd.workload.operators import Operator

#: Components of the energy that work draws; static power is added over the whole run.
DYNAMIC_COMPONENTS = (
    "npu_compute",
    "npu_vector",
    "scratchpad",
    "dram_offchip",
    "dram_active",
    "pim_array",
    "pim_compute",
    "aau",
    "gpu",
)


def components(module: bool, gpus: bool) -> list[str]:
    """Components of :data:`DYNAMIC_COMPONENTS` on machines with a memory module, with GPUs, or with both."""
    return [name for name in DYNAMIC_COMPONENTS if (gpus if name == "gpu" else module)]


class Bound(StrEnum):
    """What a step or an operator spends most of its time on."""

    COMPUTE = "compute"
    MEMORY = "memory"
    BUS = "bus"
    LAUNCH = "launch"
    POWER = "power"


@dataclass(frozen=True, slots=True)
class StepCost:
    """Cost of one step of a device.

    Attributes
    ----------
    seconds
        Duration with nothing else running.
    bus_bytes
        Bytes that cross the module's data bus.
    array_bytes
        Bytes read by compute units inside the memory.
    npu_seconds
        Time of a PIM step that passes in the NPU's vector unit (AAU off), or for which a step that host and PIM do
        together keeps the host busy; 0 otherwise.
    pim_seconds
        Time for which a step that host and PIM do together keeps the PIM busy; 0 otherwise.
    macs
        Multiply-accumulates.
    energy_j
        Joules in the order of :data:`DYNAMIC_COMPONENTS`.
    data_seconds, data_runs, displaced_seconds
        What it asks of every channel, all alike: see :class:`~ahasd.hardware.channel.slowdown.ChannelLoad`.
    operators
        Operators, each of which starts and ends on its own.
    """

    seconds: float
    bus_bytes: float
    array_bytes: float
    npu_seconds: float
    macs: float
    energy_j: tuple[float, ...]
    data_seconds: float = 0.0
    data_runs: float = 0.0
    displaced_seconds: float = 0.0
    operators: float = 0.0
    pim_seconds: float = 0.0

    @property
    def joules(self) -> float:
        """Energy of all components."""
        return sum(self.energy_j)

    def toward(self, other: "StepCost", share: float) -> "StepCost":
        """Interpolate linearly: ``share`` 0 is this cost, 1 the other."""
        return self._mixed(1.0 - share, other, share)

    def __add__(self, other: "StepCost") -> "StepCost":
        return self._mixed(1.0, other, 1.0)

    def _mixed(self, own: float, other: "StepCost", share: float) -> "StepCost":
        return StepCost(
            own * self.seconds + share * other.seconds,
            own * self.bus_bytes + share * other.bus_bytes,
            own * self.array_bytes + share * other.array_bytes,
            own * self.npu_seconds + share * other.npu_seconds,
            own * self.macs + share * other.macs,
            tuple([own * a + share * b for a, b in zip(self.energy_j, other.energy_j, strict=True)]),
            own * self.data_seconds + share * other.data_seconds,
            own * self.data_runs + share * other.data_runs,
            own * self.displaced_seconds + share * other.displaced_seconds,
            own * self.operators + share * other.operators,
            own * self.pim_seconds + share * other.pim_seconds,
        )


NO_COST = StepCost(0.0, 0.0, 0.0, 0.0, 0.0, (0.0,) * len(DYNAMIC_COMPONENTS))


@dataclass(frozen=True, slots=True)
class OperatorCost:
    """Cost of one operator (all its instances), and what it is made of.

    ``bound`` names the largest share of ``cost.seconds``. ``duty`` is the share of their time that column commands
    in memory would take without the power cap: unthrottled over throttled time, 1 where the cap does not bind.
    """

    operator: Operator
    cost: StepCost
    compute_seconds: float
    memory_seconds: float
    bus_seconds: float
    launch_seconds: float
    bound: Bound
    duty: float = 1.0


def total(costs: Iterable[OperatorCost]) -> StepCost:
    """Sum of operators that run one after the other."""
    result = NO_COST
    for cost in costs:
        result = result + cost.cost
    return result
