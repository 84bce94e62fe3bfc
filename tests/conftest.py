"""Machines whose steps cost what a test says, hand-made traces and results, and a text that tells its story."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest import mock

import pytest

from ahasd import simulate
from ahasd.experiments.cell import Cell
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.machine import Clocks, Conflicts, Lengths, Machine, Messages, SharedChannel
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.options.read import parse_system
from ahasd.speculation.options.system import AnySystem
from ahasd.speculation.results import SpeculationResult, SpeculationSection
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftChain, TraceWalk

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


def _setting(
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
        self.steps: list[tuple[DraftChain, ModelStep]] = []
        WatchedText.latest = self

    def drafted(self, chain: DraftChain, task: ModelStep) -> None:
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

    outcome: SpeculationOutcome
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
    setting: Setting,
    trace: RolloutTrace,
    tokens: int,
    policy: DraftingPolicy | int = 2,
    seed: int = 0,
) -> Watched:
    """Run an asynchronous system over the recorded coins of a trace; a number is a fixed draft length."""
    walk = TraceWalk(trace, seed, "recorded")
    rule = FixedLength(policy) if isinstance(policy, int) else policy
    with mock.patch("ahasd.speculation.asynchronous.schedule.Text", WatchedText):
        outcome = setting.run(walk, rule, tokens)
    outcome.ledger.check()
    return Watched(outcome, WatchedText.latest)


@pytest.fixture(scope="session")
def setting_of() -> Callable[..., Setting]:
    return _setting


@pytest.fixture(scope="session")
def trace_of() -> Callable[..., RolloutTrace]:
    """Make a trace from its coins (to be walked with ``coins="recorded"``)."""
    # Not at the top: cocotb loads this file by itself, where it is no part of a package.
    from .hand_made import hand_made_trace

    def trace_of(coins: Any, prompt_start: list[int] | None = None, entropy: Any = 1.0) -> RolloutTrace:
        return hand_made_trace(coins, prompt_start, entropy=entropy)

    return trace_of


@pytest.fixture(scope="session")
def watch() -> Callable[..., Watched]:
    return _watch


def _made_cell(
    system: str,
    speeds: Sequence[float],
    joules: Sequence[float],
    pair: str = "a:b",
    hardware: str = "module-mac",
    algorithm: str = "adaedl",
    **figures: Any,
) -> Cell:
    """A cell of a run for each speed and energy, all else that of one real run, or as given."""
    section = {name: figures.pop(name) for name in list(figures) if name in SpeculationSection.model_fields}
    about = _real_result().speculation.model_copy(update=section)
    results = []
    for speed, energy in zip(speeds, joules, strict=True):
        update = {
            "system": system,
            "tokens_per_second": speed,
            "joules_per_token": energy,
            "speculation": about,
        }
        results.append(_real_result().model_copy(update=update | figures))
    return Cell(pair, system, hardware, tuple(results), None, algorithm)


@cache
def _real_result() -> SpeculationResult:
    result = simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16, system="npu")
    assert isinstance(result, SpeculationResult)
    return result


@pytest.fixture(scope="session")
def made_cell() -> Callable[..., Cell]:
    return _made_cell
