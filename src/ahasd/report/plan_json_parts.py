"""Parts of a plan as JSON."""

from typing import Any

from ahasd.prediction.from_figures.energy_bound import EnergyBound
from ahasd.prediction.from_figures.plan import Option, Plan
from ahasd.prediction.from_figures.tree_option import TreeOption


def speed_up_json(option: Option | TreeOption) -> dict[str, float]:
    """Mean and interval."""
    found = option.speed_up
    return {"mean": found.mean, "low": found.low, "high": found.high}


def option_json(option: Option) -> dict[str, Any]:
    """A method at a draft length."""
    return {
        "method": option.method,
        "draft_length": option.draft_length,
        "acceptance": option.chance.middle,
        "acceptance_interval": [option.chance.low, option.chance.high],
        "acceptance_from": option.chance.source,
        "speedup": speed_up_json(option),
        "pays": option.speed_up.pays,
        "verify_steps": option.speed_up.cost.verify,
        "draft_steps": option.speed_up.cost.draft,
    }


def memory_json(plan: Plan) -> dict[str, Any]:
    """Needs in bytes by method, sizes of the device, and what does not fit."""
    memory = plan.memory
    return {
        "needs": {
            method or "no drafting": {
                "context": need.context,
                "bytes": need.total,
                "parts": [{"name": name, "bytes": size} for name, size in need.parts],
            }
            for method, need in memory.needs.items()
        },
        "sizes": [
            {
                "bytes": fit.memory.sold,
                "usable_bytes": fit.memory.usable,
                "why_not_all": fit.memory.why,
                "holds_target": fit.alone,
                "holds_draft_too": fit.drafting,
                "displaced_layers": fit.displaced_layers,
            }
            for fit in memory.fits
        ],
        "not_ranked": {
            method: {"displaced_layers": one.layers, "pass_at_least_times": one.slower}
            for method, one in memory.displaced.items()
        },
    }


def energy_json(energy: EnergyBound | None) -> dict[str, Any] | None:
    """Upper bounds in joules a token."""
    if energy is None:
        return None
    return {
        "watts": energy.power.watts,
        "watts_from": "measured under load" if energy.power.measured else "design power",
        "at_most_joules_per_token_alone": energy.alone,
        "at_most_joules_per_token_drafting": energy.drafting,
    }


def smaller_json(plan: Plan) -> dict[str, Any] | None:
    """The target alone in fewer bits; its quality is not judged."""
    if plan.smaller is None:
        return None
    return {
        "format": plan.smaller.name,
        "speedup": plan.smaller.speed_up,
        "bytes": plan.smaller.stored_bytes,
        "quality": "not judged",
    }
