"""What a plan rests on, what fits, and what else could be tried, in sentences."""

from ahasd.prediction.from_figures.energy_bound import EnergyBound
from ahasd.prediction.from_figures.memory_plan import MemoryPlan
from ahasd.prediction.from_figures.model_shape import GIGA
from ahasd.prediction.from_figures.plan import Plan
from ahasd.prediction.from_figures.spread import is_nearly_full
from ahasd.prediction.from_figures.target_alone import has_achieved_bandwidth
from ahasd.report.answer import rate_text
from ahasd.report.measured_notes import measured_notes


def notes(plan: Plan) -> list[str]:
    """What the figures rest on."""
    measured = plan.setting.measured
    found = [*measured_notes(plan), *plan.acceptance.notes(plan.best.method)]
    if plan.asked is not None:
        found += plan.acceptance.notes(plan.asked.method)
    for device in plan.setting.devices:
        if device.unverified:
            found.append(f"{device.name}: recalled or derived, not read: {device.unverified}.")
    if not has_achieved_bandwidth(plan.setting) and not (measured is not None and measured.has_widths):
        found.append(
            "The bandwidth that this device reaches is not published; a usual share of its peak stands in."
        )
    if is_nearly_full(plan.setting):
        found.append("The target nearly fills the memory: what a draft displaces is not known.")
    found += _tokenizers(plan)
    models = [model for model in (plan.setting.target, plan.setting.draft) if model is not None]
    found += [
        f"{model.name}: {model.weight_bits:.3g} bits per weight, scales included, as its file says; --{role}-quant "
        "goes before it."
        for role, model in (("target", plan.setting.target), ("draft", plan.setting.draft))
        if model is not None and model.token_bytes is not None
    ]
    unread = [model.name for model in models if model.exact_shape is None]
    if unread:
        found.append(
            f"{' and '.join(unread)}: only the size is known; layers and caches are those of a usual model of that "
            "size. The path of a config.json gives its own."
        )
    return found


def _tokenizers(plan: Plan) -> list[str]:
    draft, target = plan.setting.draft, plan.setting.target
    if draft is None or not draft.tokenizer or not target.tokenizer or draft.tokenizer == target.tokenizer:
        return []
    return [
        f"Draft and target have different tokenizers ({draft.tokenizer}, {target.tokenizer}): most programs refuse "
        "the pair, and the record's acceptance is that of pairs with one."
    ]


def memory_notes(plan: Plan) -> list[str]:
    """What is needed, and which sizes of the device hold it."""
    memory = plan.memory
    most = max(memory.needs.values(), key=lambda need: need.total)
    parts = ", ".join(f"{name} {size / GIGA:.1f}" for name, size in most.parts)
    said = f"Memory: {most.total / GIGA:.1f} GB ({parts}; caches of {most.context} tokens in half precision, the "
    said += "program's part is an assumption)"
    if not memory.fits:
        return [f"{said}; what this device has is not known."]
    return [f"{said}. {_sizes(plan)}", *_displaced(memory, plan)]


def _sizes(plan: Plan) -> str:
    fits = plan.memory.fits
    holding = [fit.memory for fit in fits if fit.drafting]
    said = []
    for fit in fits:
        if not fit.alone:
            said.append(f"{fit.memory.sold / GIGA:g} GB do not hold the target")
        elif not fit.drafting:
            said.append(
                f"{fit.memory.sold / GIGA:g} GB hold the target alone; drafting would move {fit.displaced_layers} of "
                f"its {plan.setting.target.layers:.0f} layers to the CPU or to disk"
            )
    if holding:
        sizes = ", ".join(f"{memory.sold / GIGA:g}" for memory in holding)
        said.append(f"{sizes} GB hold{'s' if len(holding) == 1 else ''} it")
        if holding[0].why:
            said[-1] += (
                f" ({holding[0].usable / GIGA:.1f} usable of {holding[0].sold / GIGA:g}: {holding[0].why})"
            )
    return "; ".join(said) + "."


def _displaced(memory: MemoryPlan, plan: Plan) -> list[str]:
    found = []
    for method, one in memory.displaced.items():
        said = f"{method} is not ranked: it would move {one.layers} of {plan.setting.target.layers:.0f} layers of "
        said += "the target to the CPU or to disk"
        if one.slower is not None:
            said += f", where a pass takes at least {one.slower:.2f} times as long"
        found.append(f"{said}.")
    return found


def energy_note(energy: EnergyBound | None) -> list[str]:
    """Joules a token, and what was assumed."""
    if energy is None:
        return []
    drawn = "as was measured under load" if energy.power.measured else "its design power"
    return [
        f"Energy: at most {energy.alone:.3g} J a token alone and {energy.drafting:.3g} J with the best way to draft, "
        f"as if it drew {energy.power.watts:g} W ({drawn}) all the time; decoding waits for memory and draws less."
    ]


def smaller_note(plan: Plan) -> list[str]:
    """The target in fewer bits, where that beats drafting."""
    smaller, best = plan.smaller, plan.best.speed_up
    if smaller is None or plan.alone is None or smaller.speed_up <= max(1.0, best.mean):
        return []
    return [
        f"Instead: the target in {smaller.name} would alone write {rate_text(plan.alone * smaller.speed_up)} "
        f"tokens/s ({smaller.speed_up:.2f}x, by the bytes that it reads). It costs quality, which is not judged here."
    ]
