"""A plan for eyes and for programs: first the sentence that a person would say."""

from typing import Any

from ahasd.prediction.from_figures.plan import Option, Plan
from ahasd.prediction.from_figures.spread import is_nearly_full
from ahasd.prediction.from_figures.target_alone import has_achieved_bandwidth
from ahasd.report.measured_notes import is_measured_acceptance, measured_notes
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs

#: Options that a terminal shows (ours).
ROWS = 8


def plan_text(plan: Plan) -> str:
    """Lay a plan out: what to do, why, the best options, what it rests on."""
    columns = (
        *left("method", least=12),
        *right("draft length", "speed-up", "80 % interval", "tokens/s", "pass", "drafting"),
    )
    table = Table(columns, [_line(plan, option) for option in plan.options[:ROWS]])
    lines = [*paragraphs([sentence(plan)]), ""]
    if plan.best.speed_up.pays == "measure":
        lines += [f"Measure it: {measure_command(plan)}", ""]
    return "\n".join([*lines, table.terminal(), *paragraphs(notes(plan))]) + "\n"


def sentence(plan: Plan) -> str:
    """Say whether it pays, by how much, and what decides."""
    best = plan.best
    found = best.speed_up
    verdict = {"yes": "Do it", "no": "Do not", "measure": "It is open"}[found.pays]
    said = f"{verdict}: {found.mean:.2f}x ({found.low:.2f} to {found.high:.2f}) by {best.method}, "
    said += f"{best.draft_length} token{'s' if best.draft_length > 1 else ''} a round."
    if plan.alone is not None:
        said += f" Alone it writes {plan.alone:.3g} tokens/s;"
        said += f" a pass of {best.draft_length + 1} costs {found.cost.verify:.2f} steps here"
        said += f" and drafting {found.cost.draft:.2f}." if found.cost.draft else "."
    if plan.break_even is None:
        said += " No acceptance makes it pay."
    elif found.pays != "yes":
        said += f" It would pay from an acceptance of {plan.break_even:.2f} a token."
    return said


def notes(plan: Plan) -> list[str]:
    """What the figures rest on."""
    found = []
    best, measured = plan.best, plan.setting.measured
    found += measured_notes(
        plan.setting, best.draft_length + 1, best.method == "draft-model", best.acceptance
    )
    if not plan.given_acceptance:
        found.append(
            f"The acceptance of {plan.best.acceptance:.2f} a token is what the published record shows for "
            f"{plan.best.method}; its spread is in the interval. Give --acceptance if you know yours."
        )
    for device in plan.setting.devices:
        if device.unverified:
            found.append(f"{device.name}: recalled or derived, not read: {device.unverified}.")
    if not has_achieved_bandwidth(plan.setting) and not (measured is not None and measured.has_widths):
        found.append(
            "The bandwidth that this device reaches is not published; a usual share of its peak stands in."
        )
    if is_nearly_full(plan.setting):
        found.append("The target nearly fills the memory: what a draft displaces is not known.")
    return found


def measure_command(plan: Plan) -> str:
    """What to run to know: passes of one row and of the best width."""
    return f"llama-batched-bench -m TARGET.gguf -npp 128 -ntg 64 -npl 1,{plan.best.draft_length + 1}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Everything, every option included."""
    best = plan.best.speed_up
    return {
        "sentence": sentence(plan),
        "pays": best.pays,
        "measure": measure_command(plan) if best.pays == "measure" else None,
        "speedup": _speed_up(plan.best),
        "alone_tokens_per_second": plan.alone,
        "break_even_acceptance": plan.break_even,
        "acceptance_from": _acceptance_from(plan),
        "devices": [
            {"name": device.name, "source": device.source, "unverified": device.unverified}
            for device in plan.setting.devices
        ],
        "options": [
            {
                "method": option.method,
                "draft_length": option.draft_length,
                "acceptance": option.acceptance,
                "speedup": _speed_up(option),
                "pays": option.speed_up.pays,
                "verify_steps": option.speed_up.cost.verify,
                "draft_steps": option.speed_up.cost.draft,
            }
            for option in plan.options
        ],
        "notes": notes(plan),
    }


def _acceptance_from(plan: Plan) -> str:
    if not plan.given_acceptance:
        return "published record"
    return "measured device" if is_measured_acceptance(plan.setting, plan.best.acceptance) else "given"


def _speed_up(option: Option) -> dict[str, float]:
    found = option.speed_up
    return {"mean": found.mean, "low": found.low, "high": found.high}


def _line(plan: Plan, option: Option) -> tuple[str, ...]:
    found = option.speed_up
    return (
        option.method,
        str(option.draft_length),
        f"{found.mean:.2f}",
        f"{found.low:.2f} to {found.high:.2f}",
        f"{plan.alone * found.mean:.3g}" if plan.alone is not None else "",
        f"{found.cost.verify:.2f}",
        f"{found.cost.draft:.2f}",
    )
