"""The page of the phone study."""

from collections.abc import Sequence

from ahasd.experiments.search.evaluate import Evaluated
from ahasd.experiments.search.outcome import Found
from ahasd.report.sweep.search import search_sentence
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs
from ahasd.studies.phone.mapping import MAPPINGS, Place
from ahasd.studies.phone.study import PhoneStudy
from ahasd.systems.families import load_system

#: How the map writes a mapping.
_LETTERS = {
    "split": "S",
    "PIM, with draft": "p",
    "PIM alone": "P",
    "NPU, with draft": "n",
    "NPU alone": "N",
    "tree": "T",
}

_WIDTH = 118


def phone_page(study: PhoneStudy, findings: str, command: str) -> str:
    """The whole page in Markdown.

    Parameters
    ----------
    findings
        What people read out of the tables; stands behind the answer.
    command
        What makes the page.
    """
    found = study.found
    parts = [
        "# What to build into a phone\n",
        _prose(f"{_answer(study)} {search_sentence(found)}"),
        _prose(
            "Acceptance is that of the shipped tiny pair's trace; costs are those of the pairs named. Areas are "
            "upper ends from published floor plans at 28 nm (docs/sweeps.md), so read ratios, not square millimetres."
        ),
        findings.strip() + "\n" if findings.strip() else "",
        "## The most frugal design of each system\n",
        _table(found, study.best_by_system).markdown(),
        "## The front, from frugal to fast\n",
        _table(found, study.checked).markdown(),
        _prose(
            "Figures of the search are in first order; behind the arrow stand those of the detailed models. "
            f"Constraints: {'; '.join(one.text for one in found.search.constraints)}. An algorithm stands only where "
            "one is asked. Of points on the front that are as fast and as frugal (2 %) the smallest is shown."
        ),
        "## Which mapping is best: acceptance by pair and bits\n",
        _prose(_legend()),
        "### By tokens per second\n",
        _map(study.maps.by_speed).markdown(),
        "### By tokens per joule\n",
        _map(study.maps.by_energy).markdown(),
        f"```\n{command}\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _legend() -> str:
    letters = "; ".join(f"{letter} {name}" for name, letter in _LETTERS.items())
    return (
        "One machine (the file's, with its NPU and PIM as the preset has them), fixed drafts of four tokens, "
        f"synthetic traces. {letters}. S stands for the best of {', '.join(MAPPINGS['split'])}; T for that of "
        f"{', '.join(MAPPINGS['tree'])} on the NPU, with heads on the target in place of a draft model: Medusa's, "
        "scaled so that the first guesses as often right as the draft. In brackets where another mapping is within a "
        "hundredth; behind it by how much the best leads the next."
    )


def _answer(study: PhoneStudy) -> str:
    """Which design gives most tokens per joule, as the detailed models have it."""
    search = study.found.search
    kept = [(point, again) for point, again in study.best_by_system if again.feasible(search)]
    if not kept:
        return "No design that the search found keeps the constraints under the detailed models."
    point, again = min(kept, key=lambda one: one[1].figures["joules_per_token"])
    others = [one for one in kept if one[0] is not point]
    tail = ""
    if others:
        other, figures = min(others, key=lambda one: one[1].figures["joules_per_token"])
        ratio = figures.figures["joules_per_token"] / again.figures["joules_per_token"]
        tail = f", {ratio:.2f}x as many as the next system, {other.values['system']}"
    return (
        f"**Most tokens per joule within the limits: {1 / again.figures['joules_per_token']:.1f}, by "
        f"{point.values['system']} with {point.values['pair']}** ({again.figures['tokens_per_second']:.1f} tokens/s, "
        f"{again.figures['average_power_w']:.2f} W, {again.figures['area_mm2']:.1f} mm²){tail}."
    )


def _table(found: Found, points: Sequence[tuple[Evaluated, Evaluated]]) -> Table:
    names = list(dict.fromkeys(name for point, _ in points for name in point.values))
    rest = [name for name in names if name not in ("system", "pair", "algorithm")]
    rows = []
    for point, again in points:
        design = ", ".join(f"{name.partition('.')[2]} {point.values[name]}" for name in rest)
        machine = [str(point.values["system"]), str(point.values["pair"]), _algorithm(point)]
        kept = "yes" if again.feasible(found.search) else again.reason or "no"
        figures = [
            _both(point, again, name) for name in ("tokens_per_second", "joules_per_token", "average_power_w")
        ]
        rows.append([*machine, design, *figures, f"{point.figures['area_mm2']:.1f}", kept])
    heads = right("tokens/s", "J/token", "W", "mm²")
    return Table([*left("system", "pair", "algorithm", "design"), *heads, *left("keeps the limits")], rows)


def _algorithm(point: Evaluated) -> str:
    """What ends its drafts; a dash where nobody asks, as there are none or a control decides token by token."""
    system = load_system(str(point.values["system"]))
    return str(point.values["algorithm"]) if getattr(system, "asks_policy", False) else "–"


def _both(point: Evaluated, again: Evaluated, name: str) -> str:
    checked = f"{again.figures[name]:.3g}" if again.reason is None else "cannot run"
    return f"{point.figures[name]:.3g} → {checked}"


def _map(places: Sequence[Place]) -> Table:
    acceptances = list(dict.fromkeys(place.acceptance for place in places))
    found = {(place.pair, place.bits, place.acceptance): place for place in places}
    rows = [
        [pair, f"{bits}", *(_letter(found[pair, bits, acceptance]) for acceptance in acceptances)]
        for pair, bits in dict.fromkeys((place.pair, place.bits) for place in places)
    ]
    return Table([*left("pair"), *right("bits", *map(str, acceptances))], rows)


def _letter(place: Place) -> str:
    if place.best is None:
        return "does not fit"
    letter = _LETTERS[place.best]
    return f"({letter}) {place.lead:.2f}" if place.close else f"{letter} {place.lead:.2f}"


def _prose(text: str) -> str:
    return "\n".join(paragraphs([text], _WIDTH)) + "\n"
