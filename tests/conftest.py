"""Machines whose steps cost what a test says, hand-made traces, and a text that tells what happened to it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest import mock

import numpy as np
import pytest

from ahasd.hardware.cost import DYNAMIC_COMPONENTS, StepCost
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.hardware.step_table import StepCosts
from ahasd.simulation.timeline import Task
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options import SystemPreset
from ahasd.speculation.schedule import Outcome
from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftChain, TraceWalk
from ahasd.workload.pair import load_pair

PROMPT = 8
"""Tokens of the prompt in these tests."""

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
            duration * 1e-12,
            0.0,
            0.0,
            self._npu * 1e-12,
            0.0,
            joules,
            data_seconds=self._bus * 1e-12,
            operators=self._operators,
        )


class BusTime:
    """The stream stands still while a step of the PIM has the bus; the step does not wait for it."""

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return max(0.001, 1.0 - pim.data_seconds / pim.seconds), 1.0  # as slow as a real channel gets


class NoConflict:
    """Both go as if alone."""

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return 1.0, 1.0


@cache
def _hardware(transfer: int, decision: int, gate: int, polling: int) -> Hardware:
    """The default hardware with both clocks at 100 GHz, so that a cycle is 10 ps; latencies in ps, gate in cycles."""
    hardware = load_preset("module-mac").hardware
    assert hardware.pim is not None
    cpu = hardware.cpu.model_copy(
        update={
            "queue_transfer_us": transfer * 1e-6,
            "decision_us": decision * 1e-6,
            "polling_us": polling * 1e-6,
        }
    )
    pim = hardware.pim.model_copy(update={"clock_ghz": 100.0, "gate_switch_cycles": gate})
    npu = hardware.npu.model_copy(update={"clock_ghz": 100.0})
    return hardware.model_copy(update={"cpu": cpu, "pim": pim, "npu": npu})


_PAIR = load_pair("tiny-draft:tiny-target")


def _machine(
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
    sharing: Any = None,
    **options: Any,
) -> Machine:
    """Build a machine: durations in picoseconds, ``draft_bus`` those for which a draft step has the bus.

    ``sharing`` has the speeds of both sides (``rates``); if not given they follow from the bus.
    """
    devices = {"asynchronous": "pim", "pearl": "pim", "serial": "npu", "autoregressive": None}
    given = {"aau": True} if devices[schedule] == "pim" else {}
    system = SystemPreset.model_validate(
        {
            "name": "test",
            "description": "test",
            "schedule": schedule,
            "target_device": "npu",
            "draft_device": devices[schedule],
            **given,
            **options,
        }
    )
    hardware = _hardware(transfer, decision, gate, polling)
    target_steps = SetSteps("npu", target, 0, 0, target_operators)
    if sharing is None:
        sharing = NoConflict() if system.ideal_bus_sharing else BusTime()
    lengths = Lengths(PROMPT, 64, look_ahead=10_000)
    machine = Machine(system, hardware, lengths, target_steps, sharing=sharing)
    machine.target_layers = layers
    machine.interleaved = system.placement == "interleaved"
    if draft is not None:
        name = system.draft_device
        assert name is not None
        machine.draft_steps = SetSteps(name, draft, draft_bus, vector_work, draft_operators)
    if system.tvc:
        machine.preverify_steps = SetSteps("pim", preverify, preverify_bus, 0)
    return machine


def _trace(coins: Any, prompt_start: list[int] | None = None, entropy: Any = None) -> RolloutTrace:
    """Make a trace from its coins (to be walked with ``coins="recorded"``)."""
    accepted = np.asarray(coins, np.uint8)
    rows = len(accepted)
    return RolloutTrace(
        header=TraceHeader("d", "t", "none", "sampled", 1.0, 0, "made by hand", "0"),
        entropy=np.ones(accepted.shape, np.float16) if entropy is None else np.asarray(entropy, np.float16),
        draft_probability=np.full(accepted.shape, 0.5, np.float16),
        acceptance_probability=np.full(accepted.shape, 0.5, np.float16),
        accepted=accepted,
        target_entropy=np.zeros(rows, np.float16),
        prompt_start=np.array(prompt_start or [0, rows], np.int32),
    )


@dataclass(frozen=True)
class Turn:
    """The text leaves a chain: when, after how many accepted tokens, and whether a draft was rejected there."""

    time: int
    chain: DraftChain
    accepted: int
    rejected: bool
    following: DraftChain


class WatchedText(Text):
    """A text that keeps a record of what happens to it."""

    latest: "WatchedText"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.first = self.chain
        self.emissions: list[tuple[int, int]] = []
        self.turns: list[Turn] = []
        self.steps: list[tuple[DraftChain, Task]] = []
        WatchedText.latest = self

    def drafted(self, chain: DraftChain, task: Task) -> None:
        self.steps.append((chain, task))
        super().drafted(chain, task)

    def accept(self, until: int, now: int) -> int:
        count = super().accept(until, now)
        if count:
            self.emissions.append((now, count))
        return count

    def reject(self, now: int) -> None:
        self._leave(super().reject, now, rejected=True)

    def bonus(self, now: int) -> None:
        self._leave(super().bonus, now, rejected=False)

    def _leave(self, leave: Callable[[int], None], now: int, rejected: bool) -> None:
        chain, accepted = self.chain, self.verified
        leave(now)
        self.emissions.append((now, 1))
        self.turns.append(Turn(now, chain, accepted, rejected, self.chain))


@dataclass(frozen=True)
class Watched:
    """An asynchronous run and the record of its text."""

    outcome: Outcome
    text: WatchedText

    def steps(self, track: str) -> list[tuple[str, int, int, int, int]]:
        """Kind, start, end, width, context of the tasks of a device."""
        tasks = [task for task in self.outcome.timeline.tasks if task.track == track]
        return [(task.kind, task.start, task.end, task.width, task.context) for task in tasks]

    def fates(self, track: str) -> list[str]:
        """Fates of the tasks of a device."""
        return [str(task.fate) for task in self.outcome.timeline.tasks if task.track == track]

    @property
    def emissions(self) -> list[tuple[int, int]]:
        """Tokens emitted at each picosecond at which any were."""
        sums: dict[int, int] = {}
        for time, count in self.text.emissions:
            sums[time] = sums.get(time, 0) + count
        return list(sums.items())


def _watch(
    machine: Machine,
    trace: RolloutTrace,
    tokens: int,
    policy: DraftingPolicy | int = 2,
    seed: int = 0,
) -> Watched:
    """Run an asynchronous machine over the recorded coins of a trace; a number is a fixed draft length."""
    walk = TraceWalk(trace, seed, "recorded")
    rule = FixedLength(policy) if isinstance(policy, int) else policy
    with mock.patch("ahasd.speculation.asynchronous.schedule.Text", WatchedText):
        outcome = build_schedule(machine).run(walk, rule, tokens)
    outcome.ledger.check()
    return Watched(outcome, WatchedText.latest)


@pytest.fixture(scope="session")
def machine_of() -> Callable[..., Machine]:
    return _machine


@pytest.fixture(scope="session")
def trace_of() -> Callable[..., RolloutTrace]:
    return _trace


@pytest.fixture(scope="session")
def watch() -> Callable[..., Watched]:
    return _watch
