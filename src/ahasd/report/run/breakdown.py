"""Time, bytes and bound of each operator of a system's steps."""

from ahasd.hardware.cost import OperatorCost
from ahasd.report.fitted import indented
from ahasd.report.run.placement import placement_text, sharing_text
from ahasd.report.table import Table, left, right
from ahasd.report.text import UNLIMITED
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.step_breakdown import StepBreakdown, break_down

_LEGEND = "On NPU and GPU compute hides behind memory or the other way round; in memory the parts add up.\n\n"


def breakdown_text(placed: PlacedMachine, outcome: SpeculationOutcome, width: int | None = UNLIMITED) -> str:
    """Tables for reading the prompt, a draft step, a verification of the run's mean width and a pre-verified token.

    The context of the steps is the middle of the run.

    Parameters
    ----------
    width
        Columns of the terminal; of that which there is, if None.
    """
    found = break_down(placed, outcome)
    shared = [] if found.shared is None else [sharing_text(found.shared)]
    prefill = [f"Prefill: {found.prefill_seconds:.4f} s in all\n"] if found.prefill else []
    parts = [
        *prefill,
        *(_title(step) + indented(operators_table(step), "  ", width) for step in found.prefill),
        *shared,
        *(_title(step) + indented(operators_table(step), "  ", width) for step in found.steps),
    ]
    return placement_text(placed) + _LEGEND + "\n".join(parts)


def operators_table(step: StepBreakdown) -> Table:
    """An operator a row: its time, what that is made of, and what it moves."""
    columns = (
        *left("operator"),
        *right("ms", least=9),
        *right("%", least=6),
        *right("compute", "memory", "bus", "launch", "array MB", "bus MB", least=9),
        *left("bound by"),
    )
    return Table(columns, [_row(operator, step) for operator in step.operators])


def _title(step: StepBreakdown) -> str:
    return (
        f"{step.step}: {step.model} on {step.device}, {step.width} token(s) at context {step.context}: "
        f"{step.seconds * 1e3:.3f} ms\n"
    )


def _row(operator: OperatorCost, step: StepBreakdown) -> list[str]:
    cost = operator.cost
    parts = (
        operator.compute_seconds,
        operator.memory_seconds,
        operator.bus_seconds,
        operator.launch_seconds,
    )
    return [
        operator.operator.name,
        f"{cost.seconds * 1e3:.3f}",
        f"{step.share(operator):.1%}",
        *(f"{seconds * 1e3:.3f}" for seconds in parts),
        f"{cost.array_bytes / 1e6:.2f}",
        f"{cost.bus_bytes / 1e6:.2f}",
        operator.bound + (f" (duty {operator.duty:.0%})" if operator.duty < 1 else ""),
    ]
