"""One asynchronous machine under every kind of control: static, EDC, goodput, bounds."""

from dataclasses import dataclass
from typing import Any

from ahasd.family.accounting import energy
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.hardware.step_table import MeasuredSteps
from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.schedules import AsynchronousOptions
from ahasd.speculation.place import messages_of
from ahasd.speculation.run import LOOK_AHEAD_ENTRIES, build_machine
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
    """Tokens per second and joules per token, means over seeds; no joules where only step times are known."""

    tokens_per_second: float
    joules_per_token: float | None


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


@dataclass(frozen=True, slots=True)
class ControlledMachine:
    """AHASD's mapping without its controllers, to be run under any.

    Attributes
    ----------
    machine
        What schedules run on.
    options
        Of the schedule that nothing controls.
    hardware
        For the energy; None where only step times are known.
    """

    machine: Machine
    options: AsynchronousOptions
    hardware: Hardware | None = None


def placed_machine(pair: str, hardware: str, tokens: int) -> ControlledMachine:
    """AHASD's mapping of a pair on a hardware preset, with all that any control needs, TVC included."""
    given = {"system": "ahasd", "pair": pair, "hardware": hardware, "tokens": tokens, "algorithm": "fixed:4"}
    placed = build_machine(resolve(RunConfiguration.checked(**given)))
    return ControlledMachine(placed.machine, _uncontrolled(), placed.hardware)


def measured_machine(cost_ratio: float, tokens: int) -> ControlledMachine:
    """A machine on which a pass takes 100 ms whatever its width, and a draft step that share of it.

    Messages and decisions take what they take on AHASD's platform.
    """
    lengths = Lengths(128, tokens, LOOK_AHEAD_ENTRIES)
    target, draft = MeasuredSteps("target", 0.1), MeasuredSteps("draft", 0.1 * cost_ratio)
    messages = messages_of(load_preset(DEFAULT_PRESET).hardware)
    return ControlledMachine(Machine(lengths, target, draft, messages=messages), _uncontrolled())


def measure(
    controlled: ControlledMachine, trace: RolloutTrace, seeds: int, draft_length: int = 4, **options: Any
) -> SpeedAndEnergy:
    """Run a machine with a fixed draft length and these options of its schedule."""
    machine, hardware = controlled.machine, controlled.hardware
    tokens = machine.lengths.generated
    chosen = AsynchronousOptions.model_validate(controlled.options.model_dump() | options)
    seconds = joules = 0.0
    for seed in range(seeds):
        outcome = build_schedule(machine, chosen).run(
            TraceWalk(trace, seed), FixedLength(draft_length), tokens
        )
        seconds += outcome.end * 1e-12
        joules += sum(energy(hardware, outcome).values()) if hardware is not None else 0.0
    return SpeedAndEnergy(
        seeds * tokens / seconds, joules / (seeds * tokens) if hardware is not None else None
    )


def _uncontrolled() -> AsynchronousOptions:
    """The schedule's options of :data:`MAPPING`."""
    system = SYSTEMS.load(MAPPING).model_dump()
    return AsynchronousOptions(**{name: system[name] for name in AsynchronousOptions.model_fields})


def measure_static(
    machine: ControlledMachine, trace: RolloutTrace, seeds: int, static: Static
) -> SpeedAndEnergy:
    """Run a machine under a static control."""
    return measure(machine, trace, seeds, static.draft_length, **static.options)


def best_static(machine: ControlledMachine, design: RolloutTrace, seeds: int) -> Static:
    """The fastest static control on the traces given for design."""
    every = [
        Static(length, ahead, verify)
        for length in DRAFT_LENGTHS
        for ahead in LOOK_AHEADS
        for verify in VERIFY
        if ahead is None or length <= ahead
    ]
    return max(every, key=lambda static: measure_static(machine, design, seeds, static).tokens_per_second)


def measure_pilot(
    machine: ControlledMachine, trace: RolloutTrace, seeds: int, control: str
) -> SpeedAndEnergy:
    """Run a machine under control token by token."""
    return measure(machine, trace, seeds, control=control, verify="coalesce", coalesce_limit=64)
