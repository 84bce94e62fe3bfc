"""Machines whose steps cost what a test says, each with a system that runs on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.machine import Clocks, Conflicts, Lengths, Machine, Messages, SharedChannel
from ahasd.speculation.options.read import parse_system
from ahasd.speculation.options.system import AnySystem
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of the prompt in these tests.
PROMPT = 8

Duration = int | Callable[[int, int], int]


class SetSteps(StepCosts):
    """Steps of set duration (picoseconds, a number or a function of width and context)."""

    def __init__(self, name: str, duration: Duration, bus: int, npu: int, operators: int = 0) -> None:
        self.name = name
        self._duration, self._bus, self._npu, self._operators = duration, bus, npu, operators
        self._costs: dict[tuple[int, int], StepCost] = {}

    def cost(self, width: int, context: int) -> StepCost:
        if (width, context) not in self._costs:
            self._costs[width, context] = self._cost(width, context)
        return self._costs[width, context]

    def _cost(self, width: int, context: int) -> StepCost:
        duration = self._duration if isinstance(self._duration, int) else self._duration(width, context)
        joules = tuple(float(width) * (index + 1) for index in range(len(DYNAMIC_COMPONENTS)))
        return StepCost(
            seconds=duration * 1e-12,
            operators=self._operators,
            energy_j=joules,
            data_seconds=self._bus * 1e-12,
            host_seconds=self._npu * 1e-12,
        )


class BusTime:
    """The stream stands still while a step of the PIM has the bus; the step does not wait for it."""

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return max(0.001, 1.0 - pim.data_seconds / pim.seconds), 1.0  # as slow as a real channel gets


class NoConflict:
    """Both go as if alone."""

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return 1.0, 1.0


@dataclass(frozen=True)
class Setting:
    """A machine, and a system whose schedule runs on it."""

    system: AnySystem
    machine: Machine

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Build the schedule and run it once."""
        outcome: SpeculationOutcome = build_schedule(self.machine, self.system).run(walk, policy, tokens)
        return outcome


#: Clock of both sides, GHz: a cycle is 10 ps.
CLOCK_GHZ = 100.0


def setting(
    draft: Duration | None,
    target: Duration,
    preverify: Duration = 1,
    *,
    schedule: str = "asynchronous",
    transfer: int = 1,
    decision: int = 0,
    gate: int = 0,
    polling: int = 0,
    layers: int = 4,
    draft_bus: int = 0,
    preverify_bus: int = 0,
    vector_work: int = 0,
    draft_operators: int = 0,
    target_operators: int = 0,
    channel: SharedChannel | None = None,
    **options: Any,
) -> Setting:
    """Build a machine: durations and latencies in picoseconds, ``gate`` in cycles of 10 ps.

    ``draft_bus`` are those for which a draft step has the bus; ``channel`` has the speeds of both sides, which follow
    from the bus if it is not given.
    """
    devices = {"asynchronous": "pim", "pearl": "pim", "serial": "npu", "autoregressive": None}
    draft_device = devices[schedule]
    document = {"name": "test", "description": "test", "schedule": schedule, "target_device": "npu"}
    document |= {} if draft_device is None else {"draft_device": draft_device}
    document |= {"aau": True} if draft_device == "pim" else {}
    system = parse_system(document | options)
    ideal = system.ideal_options
    if channel is None:
        channel = NoConflict() if "ideal_bus_sharing" in ideal else BusTime()
    machine = Machine(
        Lengths(PROMPT, 64, look_ahead=10_000),
        SetSteps("npu", target, 0, 0, target_operators),
        None
        if draft is None or draft_device is None
        else SetSteps(draft_device, draft, draft_bus, vector_work, draft_operators),
        SetSteps("pim", preverify, preverify_bus, 0) if options.get("tvc") else None,
        Conflicts(
            channel,
            takes_turns=system.placement == "interleaved" and "ideal_rank_sharing" not in ideal,
            stops_stream="ideal_rank_sharing" not in ideal,
            borrows_vector_unit=draft_device == "pim" and not system.aau,
            waits_for_vector_unit="ideal_vector_wait" not in ideal,
            needs_entries="ideal_kv_entries" not in ideal,
        ),
        Messages() if "ideal_control_latency" in ideal else Messages(transfer, polling, decision),
        Clocks(CLOCK_GHZ, CLOCK_GHZ, 0.0 if "ideal_gating" in ideal else gate / (CLOCK_GHZ * 1e9)),
        layers,
    )
    return Setting(system, machine)
