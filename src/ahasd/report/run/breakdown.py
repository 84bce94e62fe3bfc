"""Time, bytes and bound of each operator of a system's steps."""

from statistics import fmean

from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.report.run.placement import placement_text, sharing_text
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.workload.passes import forward_pass


def breakdown_text(placed: PlacedMachine, outcome: SpeculationOutcome) -> str:
    """Tables for a draft step, a verification of the run's mean width and a pre-verified token.

    The context is the middle of the run.
    """
    machine, system = placed.machine, placed.system
    context = machine.lengths.prompt + machine.lengths.generated // 2
    parts = []
    if machine.draft_steps is not None:
        widths = [task.width for task in outcome.timeline.tasks if task.kind == "verify"]
        # A run so short that nothing was verified but in memory still has its smallest pass to show.
        width = round(fmean(widths)) if widths else 2
        if system.schedule == "asynchronous" and system.shares_memory:
            stream, step = machine.target_steps.cost(width, context), machine.draft_steps.cost(1, context)
            parts.append(sharing_text(placed, stream, step))
        parts.append(_table("draft step", machine.draft_steps, 1, context))
        parts.append(_table("verification", machine.target_steps, width, context))
    else:
        parts.append(_table("decode step", machine.target_steps, 1, context))
    if machine.preverify_steps is not None:
        parts.append(_table("pre-verification", machine.preverify_steps, 1, context))
    legend = (
        "On NPU and GPU compute hides behind memory or the other way round; in memory the parts add up.\n\n"
    )
    return placement_text(placed) + legend + "\n".join(parts)


def _table(title: str, steps: StepCosts, width: int, context: int) -> str:
    assert isinstance(steps, StepTable), "a placed machine has step tables"
    costs = steps.device.breakdown(forward_pass(steps.spec, width, context, steps.precision))
    total = sum(cost.cost.seconds for cost in costs)
    head = (
        f"{title}: {steps.spec.name} on {steps.device.name}, {width} token(s) at context {context}: "
        f"{total * 1e3:.3f} ms\n"
        f"  {'operator':24} {'ms':>9} {'%':>6} {'compute':>9} {'memory':>9} {'bus':>9} {'launch':>9} "
        f"{'array MB':>9} {'bus MB':>9}  bound by\n"
    )
    return head + "".join(_row(cost, total) for cost in costs)


def _row(cost: OperatorCost, total: float) -> str:
    milliseconds = (
        cost.compute_seconds * 1e3,
        cost.memory_seconds * 1e3,
        cost.bus_seconds * 1e3,
        cost.launch_seconds * 1e3,
    )
    step = cost.cost
    duty = f" (duty {cost.duty:.0%})" if cost.duty < 1 else ""
    return (
        f"  {cost.operator.name:24} {step.seconds * 1e3:9.3f} {step.seconds / total:6.1%} "
        + " ".join(f"{value:9.3f}" for value in milliseconds)
        + f" {step.array_bytes / 1e6:9.2f} {step.bus_bytes / 1e6:9.2f}  {cost.bound}{duty}\n"
    )
