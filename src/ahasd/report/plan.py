"""A plan for eyes and for programs: first the sentence that a person would say."""

from collections.abc import Sequence
from typing import Any, cast

from ahasd.prediction.from_figures.asked_plan import Asked
from ahasd.prediction.from_figures.plan import Option, Plan
from ahasd.prediction.from_figures.speed_up import SpeedUp
from ahasd.prediction.from_figures.tree_option import USUAL, TreeOption
from ahasd.report.answer import Answer, Pays, answer_text, costs_text, rate_text
from ahasd.report.fitted import fitted
from ahasd.report.interval_bars import Bar, interval_bars
from ahasd.report.plan_json_parts import energy_json, memory_json, option_json, smaller_json, speed_up_json
from ahasd.report.plan_measure import FILE, bring_back, command_for, measure_commands
from ahasd.report.plan_notes import energy_note, memory_notes, notes, smaller_note
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs

#: Draft lengths of a method that a terminal ranks; the plot has all of the best (ours).
LENGTHS_SHOWN = 3

#: What stands before the command.
_TO_RUN = {"yes": "Run it", "no": "Run it without drafting", "measure": "Try it"}


def plan_text(plan: Plan, asked: Asked) -> str:
    """Lay a plan out: what to do, how, the best options, what fits, what it rests on."""
    lines = [*paragraphs([sentence(plan), *smaller_note(plan)]), ""]
    command = command_for(plan, asked, plan.best.speed_up.pays != "no")
    if command is not None:
        lines += [f"{_TO_RUN[plan.best.speed_up.pays]}: {command}", ""]
    if plan.best.speed_up.pays == "measure" and (measuring := measure_commands(plan, asked)):
        lines += ["Measure it:", *(f"  {line}" for line in [*measuring, *bring_back(plan, asked)]), ""]
    lines += [fitted(ranking(plan)), *_plot(plan), ""]
    about = [*memory_notes(plan), *energy_note(plan.energy), *notes(plan)]
    return "\n".join([*lines, *paragraphs(about)]) + "\n"


def sentence(plan: Plan) -> str:
    """Say whether it pays, by how much, and what decides; of the draft apart where another method is faster."""
    said = answer_text(_answer(plan, plan.best))
    if plan.asked is not None:
        said += f" {_with_the_draft(plan, plan.asked)}"
    said += "".join(
        f" {method} is no way here: the draft does not fit beside the target, of which {one.layers} of "
        f"{plan.setting.target.layers:.0f} layers would have to go."
        for method, one in plan.memory.displaced.items()
    )
    sure = [option for option in plan.if_trained if option.speed_up.low > 1]
    if plan.best.speed_up.pays != "yes" and sure:
        head = sure[0]
        said += f" With a head trained for the target ({head.method}), if there is one, it would be "
        said += f"{head.speed_up.mean:.2f}x."
    return said.rstrip()


def ranking(plan: Plan) -> Table:
    """The best draft lengths of every method, the target alone among them, and what would need a head below."""
    columns = (
        *left("method", least=12),
        *right("draft length", "speed-up", "80 % interval", "tokens/s", "pass", "drafting"),
    )
    shown = [option for option in plan.options if option in plan_best_lengths(plan, option)]
    rows = [_line(plan, option) for option in shown]
    alone = (
        "no drafting",
        "",
        "1.00",
        "",
        rate_text(plan.alone) if plan.alone is not None else "",
        "1.00",
        "",
    )
    place = sum(option.speed_up.mean > 1 for option in shown)
    rows.insert(place, alone)
    apart = [_line(plan, option, "  ") for option in plan.if_trained]
    if plan.tree is not None:
        apart.append(_tree_line(plan, plan.tree))
    if apart:
        # A file of Medusa's heads may be named; its accuracies are not in it.
        said = "by what is usual of heads:" if plan.setting.head else "if a head were trained for it:"
        rows += [(said, "", "", "", "", "", ""), *apart]
    return Table(columns, rows)


def plan_best_lengths(plan: Plan, option: Option) -> Sequence[Option]:
    """The best lengths of an option's method."""
    return [other for other in plan.options if other.method == option.method][:LENGTHS_SHOWN]


def plan_json(plan: Plan, asked: Asked) -> dict[str, Any]:
    """Everything, every option included."""
    best = plan.best.speed_up
    measure = measure_commands(plan, asked) if best.pays == "measure" else []
    back = bring_back(plan, asked) if measure else []
    return {
        "schema_version": 1,
        "sentence": sentence(plan),
        "pays": best.pays,
        "measure": measure[0] if measure else None,
        "measure_commands": measure,
        "bring_back": {"file": FILE, "commands": back} if back else None,
        "run": command_for(plan, asked, best.pays != "no"),
        "method": plan.best.method,
        "draft_length": plan.best.draft_length,
        "speedup": speed_up_json(plan.best),
        "alone_tokens_per_second": plan.alone,
        "break_even_acceptance": plan.break_even[plan.best.method],
        "break_even_by_method": dict(plan.break_even),
        "acceptance_from": plan.best.chance.source,
        "devices": [
            {"name": device.name, "source": device.source, "unverified": device.unverified}
            for device in plan.setting.devices
        ],
        "options": [option_json(option) for option in plan.options],
        "if_a_head_were_trained": [option_json(option) for option in plan.if_trained],
        "tree": None
        if plan.tree is None
        else {"nodes": plan.tree.nodes, "speedup": speed_up_json(plan.tree), "heads": USUAL},
        "memory": memory_json(plan),
        "energy": energy_json(plan.energy),
        "smaller_format": smaller_json(plan),
        "notes": notes(plan),
    }


def _answer(plan: Plan, option: Option) -> Answer:
    found = option.speed_up
    return Answer(
        cast(Pays, found.pays),
        found.mean,
        found.low,
        found.high,
        _way(option),
        plan.alone,
        _costs(option),
        _break_even(plan, option),
    )


def _way(option: Option) -> str:
    return f"{option.method}, {_tokens(option)}"


def _tokens(option: Option) -> str:
    return f"{option.draft_length} token{'s' if option.draft_length > 1 else ''} a round"


def _costs(option: Option) -> str:
    cost = option.speed_up.cost
    if option.method == "ngram":
        return f"a round costs {cost.verify:.2f} steps here in the mean"
    return costs_text(cost.verify, option.draft_length + 1, cost.draft)


def _with_the_draft(plan: Plan, option: Option) -> str:
    """What the draft that was named does, where another method is faster."""
    found = option.speed_up
    verdict = {"yes": "it pays too", "no": "it does not pay", "measure": "it is open"}[found.pays]
    named = "the draft model" if option.method == "draft-model" else f"the head ({option.method})"
    said = f"With {named}, {_tokens(option)}, {verdict}: {found.mean:.2f}x ({found.low:.2f} to {found.high:.2f}); "
    return f"{said}{_costs(option)}. {_break_even(plan, option)}".rstrip()


def _break_even(plan: Plan, option: Option) -> str:
    level = plan.break_even[option.method]
    if level is None:
        return "No acceptance makes it pay."
    if option.speed_up.pays == "yes":
        return ""
    return f"It would pay from an acceptance of {level:.2f} a token."


def _plot(plan: Plan) -> list[str]:
    bars = [
        Bar(str(option.draft_length), option.speed_up.low, option.speed_up.mean, option.speed_up.high)
        for option in plan.of(plan.best.method)
    ]
    return [f"Speed-up of {plan.best.method} by draft length:", *interval_bars(bars, 1.0)]


def _line(plan: Plan, option: Option, indent: str = "") -> tuple[str, ...]:
    return _row(plan, indent + option.method, str(option.draft_length), option.speed_up)


def _tree_line(plan: Plan, tree: TreeOption) -> tuple[str, ...]:
    return _row(plan, "  medusa tree", f"{tree.nodes} node{'s' if tree.nodes > 1 else ''}", tree.speed_up)


def _row(plan: Plan, method: str, length: str, found: SpeedUp) -> tuple[str, ...]:
    return (
        method,
        length,
        f"{found.mean:.2f}",
        f"{found.low:.2f} to {found.high:.2f}",
        rate_text(plan.alone * found.mean) if plan.alone is not None else "",
        f"{found.cost.verify:.2f}",
        f"{found.cost.draft:.2f}",
    )
