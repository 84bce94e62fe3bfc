"""A plan for a mixture that may be larger than fast memory: the answer first."""

from typing import Any

from ahasd.prediction.expert_plan.placements import Placement
from ahasd.prediction.expert_plan.plan import ExpertPlan
from ahasd.report.answer import rate_text
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs


def llama_flags(plan: ExpertPlan, placement: Placement) -> str | None:
    """Options of llama.cpp that place experts so; None where its main line has none."""
    if placement.slots is not None:
        return None
    flags = f"-ngl 99 -c {plan.context}"
    if placement.host_layers == plan.mixture.layers:
        return f"{flags} --cpu-moe"
    return f"{flags} --n-cpu-moe {placement.host_layers}" if placement.host_layers else flags


def expert_plan_text(plan: ExpertPlan) -> str:
    """Say whether it fits and how fast it writes, then all ways."""
    mixture, machine = plan.mixture, plan.machine
    rows = [
        (
            one.name,
            rate_text(one.tokens_per_second),
            f"{rate_text(one.low)}-{rate_text(one.high)}",
            "-" if one.hit_rate is None else f"{one.hit_rate:.0%}",
            llama_flags(plan, one) or "not in llama.cpp's main line",
        )
        for one in plan.placements
    ]
    columns = (*left("way"), *right("tokens/s", "four in five", "hits"), *left("llama.cpp"))
    sizes = (
        f"{mixture.name}: {mixture.stored_bytes / 1e9:.1f} GB, {mixture.chosen} of {mixture.experts} experts of "
        f"{mixture.expert_bytes / 1e6:.2f} MB in each of {mixture.layers} layers; a token reads "
        f"{(mixture.dense_bytes + mixture.layers * mixture.layer_bytes) / 1e9:.2f} GB. {machine.title} has "
        f"{machine.fast_bytes / 1e9:.1f} GB for weights and caches ({plan.cache_bytes / 1e9:.2f} GB for "
        f"{plan.context} tokens)."
    )
    said = [*paragraphs(_answer(plan)), "", *paragraphs([sizes]), ""]
    return "\n".join([*said, fitted(Table(columns, rows, notes=plan.notes))])


def _answer(plan: ExpertPlan) -> list[str]:
    """Does it fit, how fast, with which flags; and a cache's gain, if there is one to compare."""
    best, machine = plan.best, plan.machine
    interval = f"four in five: {rate_text(best.low)} to {rate_text(best.high)}"
    speed = f"{rate_text(best.tokens_per_second)} tokens/s ({interval})"
    if plan.fits:
        text = f"Fits: all of {plan.mixture.name} lies in the memory of {machine.title}: {speed}."
    elif best.slots is not None:
        text = f"Does not fit {machine.title}; with {best.name}: {speed}."
    else:
        text = f"Does not fit {machine.title}; with the {best.name}: {speed}."
    said, flags = [text], llama_flags(plan, best)
    if flags is not None:
        said.append(f"llama.cpp: {flags}")
    cache = next((one for one in plan.placements if one.slots is not None and one is not best), None)
    if cache is not None:
        gain = cache.tokens_per_second / best.tokens_per_second
        word = "pay" if gain > 1.1 else "hardly matter" if gain > 0.9 else "not pay"
        said.append(f"A cache of {cache.slots} experts of each layer would {word}: {gain:.2f}x of that.")
    return said


def expert_plan_json(plan: ExpertPlan) -> dict[str, Any]:
    """Everything, for programs."""
    mixture = plan.mixture
    return {
        "model": mixture.name,
        "machine": plan.machine.title,
        "fits": plan.fits,
        "tokens_per_second": _interval(plan.best),
        "n_cpu_moe": None if plan.best.slots is not None else plan.best.host_layers,
        "cache_slots": next((one.slots for one in plan.placements if one.slots is not None), None),
        "llama_cpp": llama_flags(plan, plan.best),
        "stored_bytes": mixture.stored_bytes,
        "experts": mixture.experts,
        "chosen": mixture.chosen,
        "layers": mixture.layers,
        "expert_bytes": mixture.expert_bytes,
        "dense_bytes": mixture.dense_bytes,
        "memory_bytes": plan.machine.fast_bytes,
        "cache_bytes": plan.cache_bytes,
        "placements": [
            {
                "name": one.name,
                "host_layers": one.host_layers,
                "slots": one.slots,
                "hit_rate": one.hit_rate,
                "tokens_per_second": _interval(one),
                "llama_cpp": llama_flags(plan, one),
            }
            for one in plan.placements
        ],
        "notes": list(plan.notes),
    }


def _interval(placement: Placement) -> dict[str, float]:
    return {"mean": placement.tokens_per_second, "low": placement.low, "high": placement.high}
