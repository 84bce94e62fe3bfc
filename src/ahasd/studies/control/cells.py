"""One asynchronous machine under every kind of control: static, EDC, goodput, bounds."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from ahasd.hardware.preset.preset import load_preset
from ahasd.hardware.step_table import MeasuredSteps
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options import SystemPreset, load_system
from ahasd.speculation.summary import energy
from ahasd.systems.configuration import RunConfiguration, resolve
from ahasd.systems.simulate import LOOK_AHEAD_ENTRIES, build_machine
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk

#: The system whose devices and placement all of these share: AHASD's, without its controllers.
MAPPING = "npu-pim-async+aau"

#: What control is held against that knows more than it can.
BOUNDS = ("informed", "exact", "clairvoyant")

#: Batches, look-ahead limits and ways to verify among which the best static control is looked for (ours).
DRAFT_LENGTHS = (1, 2, 3, 4, 6, 8)
LOOK_AHEADS = (4, 8, 16, None)
VERIFY = ("oldest", "coalesce")


@dataclass(frozen=True, slots=True)
class SpeedAndEnergy:
    """Tokens per second and joules per token, means over seeds."""

    tokens_per_second: float
    joules_per_token: float


@dataclass(frozen=True, slots=True)
class Static:
    """A fixed look-ahead: what runs without any controller."""

    draft_length: int
    look_ahead: int | None
    verify: str

    @property
    def options(self) -> dict[str, Any]:
        """As a system's options."""
        return {"look_ahead_limit": self.look_ahead, "verify": self.verify, "coalesce_limit": 64}

    def __str__(self) -> str:
        ahead = "no limit" if self.look_ahead is None else f"{self.look_ahead} ahead"
        return f"{self.draft_length} a batch, {ahead}, {self.verify}"


def placed_machine(pair: str, hardware: str, tokens: int) -> Machine:
    """AHASD's mapping of a pair on a hardware preset, with all that any control needs, TVC included."""
    given = {"system": "ahasd", "pair": pair, "hardware": hardware, "tokens": tokens, "algorithm": "fixed:4"}
    machine: Machine = build_machine(resolve(RunConfiguration.checked(**given)))
    machine.system = load_system(MAPPING)
    return machine


def measured_machine(cost_ratio: float, tokens: int) -> Machine:
    """A machine on which a pass takes 100 ms whatever its width, and a draft step that share of it."""
    lengths = Lengths(128, tokens, LOOK_AHEAD_ENTRIES)
    target, draft = MeasuredSteps("npu", 0.1), MeasuredSteps("pim", 0.1 * cost_ratio)
    return Machine(load_system(MAPPING), load_preset("module-mac").hardware, lengths, target, draft)


def under(machine: Machine, **options: Any) -> Machine:
    """The same machine under other control; its step costs are not computed again."""
    other = copy(machine)
    other.system = SystemPreset.model_validate(machine.system.model_dump() | options)
    return other


def measure(
    machine: Machine, trace: RolloutTrace, seeds: int, draft_length: int = 4, **options: Any
) -> SpeedAndEnergy:
    """Run a machine with a fixed draft length and these options of its system."""
    tokens, controlled = machine.lengths.generated, under(machine, **options)
    seconds = joules = 0.0
    for seed in range(seeds):
        outcome = build_schedule(controlled).run(TraceWalk(trace, seed), FixedLength(draft_length), tokens)
        seconds += outcome.end * 1e-12
        joules += sum(energy(controlled, outcome).values())
    return SpeedAndEnergy(seeds * tokens / seconds, joules / (seeds * tokens))


def measure_static(machine: Machine, trace: RolloutTrace, seeds: int, static: Static) -> SpeedAndEnergy:
    """Run a machine under a static control."""
    return measure(machine, trace, seeds, static.draft_length, **static.options)


def best_static(machine: Machine, design: RolloutTrace, seeds: int) -> Static:
    """The fastest static control on the traces given for design."""
    every = [
        Static(length, ahead, verify)
        for length in DRAFT_LENGTHS
        for ahead in LOOK_AHEADS
        for verify in VERIFY
        if ahead is None or length <= ahead
    ]
    return max(every, key=lambda static: measure_static(machine, design, seeds, static).tokens_per_second)


def measure_pilot(machine: Machine, trace: RolloutTrace, seeds: int, control: str) -> SpeedAndEnergy:
    """Run a machine under control token by token."""
    return measure(machine, trace, seeds, control=control, verify="coalesce", coalesce_limit=64)
