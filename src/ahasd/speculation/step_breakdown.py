"""The steps of a run, operator by operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.shared_memory import SharedMemory, shared_memory
from ahasd.workload.passes import forward_pass


@dataclass(frozen=True, slots=True)
class StepBreakdown:
    """One kind of step.

    Attributes
    ----------
    step
        What it is, such as a verification.
    model, device
        What runs where.
    width, context
        Tokens passed through the model; entries in its cache before.
    operators
        In their order.
    """

    step: str
    model: str
    device: str
    width: int
    context: int
    operators: Sequence[OperatorCost]

    @property
    def seconds(self) -> float:
        """All operators together."""
        return sum(operator.cost.seconds for operator in self.operators)

    def share(self, operator: OperatorCost) -> float:
        """An operator's share of the time."""
        return operator.cost.seconds / self.seconds


@dataclass(frozen=True, slots=True)
class RunBreakdown:
    """Reading the prompt, and the steps of a run in the middle of its text.

    Attributes
    ----------
    prefill
        Reading the prompt but its last token, by each model; none for a prompt of one token.
    prefill_seconds
        All of it; more than the operators' time where weights are laid out anew for it.
    steps
        A draft step, a verification of the run's mean width and a pre-verified token, as far as there are such.
    shared
        What draft step and verification take from each other; None where they never run at once on shared memory.
    """

    prefill: tuple[StepBreakdown, ...]
    prefill_seconds: float
    steps: tuple[StepBreakdown, ...]
    shared: SharedMemory | None


def break_down(placed: PlacedMachine, outcome: SpeculationOutcome) -> RunBreakdown:
    """Break a run's steps down."""
    machine, system = placed.machine, placed.system
    context = machine.lengths.prompt + machine.lengths.generated // 2
    prefill = _prefill(placed), placed.prefill.seconds
    if machine.draft_steps is None:
        return RunBreakdown(*prefill, (_step("decode step", machine.target_steps, 1, context),), None)
    width, shared = _mean_width(outcome), None
    if system.schedule == "asynchronous" and system.shares_memory:
        stream, step = machine.target_steps.cost(width, context), machine.draft_steps.cost(1, context)
        shared = shared_memory(placed, stream, step)
    steps = [
        _step("draft step", machine.draft_steps, 1, context),
        _step("verification", machine.target_steps, width, context),
    ]
    if machine.preverify_steps is not None:
        steps.append(_step("pre-verification", machine.preverify_steps, 1, context))
    return RunBreakdown(*prefill, tuple(steps), shared)


def _prefill(placed: PlacedMachine) -> tuple[StepBreakdown, ...]:
    """The passes that fill the caches; the head is left out, as its logits are not needed."""
    tokens = placed.lengths.prompt - 1
    if not tokens:
        return ()
    passes = [
        (reader, forward_pass(reader.spec, tokens, 0, placed.precision, logits=0))
        for reader in placed.readers
    ]
    return tuple(
        StepBreakdown(
            "prefill", reader.spec.name, reader.device.name, tokens, 0, reader.device.breakdown(graph)
        )
        for reader, graph in passes
    )


def _mean_width(outcome: SpeculationOutcome) -> int:
    """Of the verifications; 2, the smallest, in a run so short that nothing was verified but in memory."""
    widths = [task.width for task in outcome.timeline.tasks if task.kind == "verify"]
    return round(fmean(widths)) if widths else 2


def _step(name: str, steps: StepCosts, width: int, context: int) -> StepBreakdown:
    assert isinstance(steps, StepTable), "a placed machine has step tables"
    operators = steps.device.breakdown(forward_pass(steps.spec, width, context, steps.precision))
    return StepBreakdown(name, steps.spec.name, steps.device.name, width, context, operators)
