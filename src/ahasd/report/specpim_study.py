"""The page of SpecPIM's exploration."""

from collections.abc import Sequence

from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs
from ahasd.studies.specpim.evaluator import OBJECTIVES
from ahasd.studies.specpim.references import REFERENCES
from ahasd.studies.specpim.study import Best, Explored, SpecpimStudy, geometric_mean

_WIDTH = 118

#: SpecPIM's own geometric means: over GPUs, over memory alone (ASPLOS 2024, doi 10.1145/3620666.3651352).
_PUBLISHED = (("1.52x", "6.67x"), ("2.02x", "2.68x"), ("2.02x", "2.68x"))


def specpim_page(study: SpecpimStudy, findings: str, command: str) -> str:
    """The whole page in Markdown.

    Parameters
    ----------
    findings
        What people read out of the tables; stands behind the answer.
    command
        What makes the page.
    """
    asked = study.definition
    parts = [
        "# SpecPIM's exploration: which memory to build, and what to run in it\n",
        _prose(_answer(study)),
        findings.strip() + "\n" if findings.strip() else "",
        "## Against the references\n",
        _references(study).markdown(),
        _prose(
            f"Geometric means over {len(asked.scenarios)} scenarios. "
            + " ".join(f"{one.name}: {one.says}." for one in REFERENCES)
            + " SpecPIM's own references are not public: its figures stand beside ours, and refute nothing."
        ),
        "## The best of each scenario\n",
        _scenarios(study).markdown(),
        _prose(
            "In memory: how many of the draft's and of the target's units (matrices of all layers, and the cache)."
        ),
        "## Who verifies\n",
        _verification(study).markdown(),
        _prose("Each with the machine and the dataflow that are best for it; the draft is free."),
        "## The searches\n",
        _searches(study).markdown(),
        _prose(
            f"What is minimised ({asked.objective}) over that of the optimum of the reduced space: one kind of "
            "channel for each part of each model, fastest clocks, every point tried. Evaluations in brackets. In the "
            "full space below 1 is better than any point of the reduced one; there the genetic search begins with "
            "what it found in the reduced space, chance does not."
        ),
        f"```\n{command}\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _answer(study: SpecpimStudy) -> str:
    if study.machine is None:
        return "**No machine that the search found holds all scenarios.**"
    speed, energy = (gain(study, study.on_machine, 0, figure) for figure in ("seconds", "joules"))
    return (
        f"**One machine for all scenarios: {study.machine.text}: {speed:.2f}x the speed and {energy:.2f}x the tokens "
        "per joule of speculative inference on GPUs of ten plain stacks** (geometric means; SpecPIM: 1.52x, 6.67x). "
        f"It takes {study.machine.figures['area_mm2']:.0f} mm² and at most {study.machine.figures['power_w']:.0f} W."
    )


def _figure(best: Best, figure: str) -> float:
    assert best.figures is not None
    return best.figures.seconds_per_token if figure == "seconds" else best.figures.joules_per_token


def gain(
    study: SpecpimStudy, bests: Sequence[Best], reference: int, figure: str, alone: bool = False
) -> float:
    """Geometric mean of a reference's figure over ours."""
    ratios = []
    for explored, best in zip(study.explored, bests, strict=True):
        of = (explored.alone if alone else explored.references)[reference]
        theirs = of.seconds_per_token if figure == "seconds" else of.joules_per_token
        ratios.append(theirs / _figure(best, figure))
    return geometric_mean(ratios)


def _references(study: SpecpimStudy) -> Table:
    own = [one.best for one in study.explored]
    rows = []
    for place, reference in enumerate(REFERENCES):
        for alone in (False, True):
            name = f"{reference.name}, {'no draft' if alone else 'with the draft'}"
            cells = []
            for bests in (study.on_machine, own):
                ready = bests and all(best.figures for best in bests)
                cells += [
                    f"{gain(study, bests, place, figure, alone):.2f}x" if ready else "does not fit"
                    for figure in ("seconds", "joules")
                ]
            rows.append([name, *cells, *(("", "") if alone else _PUBLISHED[place])])
    heads = ("one machine: speed", "tokens/J", "one each: speed", "tokens/J", "SpecPIM: speed", "tokens/J")
    return Table([*left("against"), *right(*heads)], rows)


def _scenarios(study: SpecpimStudy) -> Table:
    rows = []
    for scenario, explored in zip(study.definition.scenarios, study.explored, strict=True):
        best = explored.best
        if best.figures is None or best.machine is None:
            rows.append([scenario.text, "nothing fits", "", "", "", ""])
            continue
        speed, energy = (
            theirs / ours
            for theirs, ours in (
                (explored.references[0].seconds_per_token, best.figures.seconds_per_token),
                (explored.references[0].joules_per_token, best.figures.joules_per_token),
            )
        )
        rows.append(
            [
                scenario.text,
                best.machine.text,
                f"{len(best.draft)} + {len(best.target)}",
                f"{1 / best.figures.seconds_per_token:.0f}",
                f"{best.figures.joules_per_token:.3f}",
                f"{speed:.2f}x, {energy:.2f}x",
            ]
        )
    heads = right("in memory", "tokens/s", "J/token", "over GPUs: speed, tokens/J")
    return Table([*left("scenario", "machine"), *heads], rows)


def _verification(study: SpecpimStudy) -> Table:
    rows = []
    for scenario, explored in zip(study.definition.scenarios, study.explored, strict=True):
        ways = (explored.host, explored.pim, explored.best)
        rows.append([scenario.text, *(_speed(best) for best in ways)])
    return Table([*left("scenario"), *right("host, tokens/s", "PIM, tokens/s", "both, tokens/s")], rows)


def _speed(best: Best) -> str:
    return "does not fit" if best.figures is None else f"{1 / best.figures.seconds_per_token:.0f}"


def _searches(study: SpecpimStudy) -> Table:
    value = OBJECTIVES[study.definition.objective]

    def cell(best: Best, optimum: Best) -> str:
        if best.figures is None or optimum.figures is None:
            return "nothing fits"
        return f"{value(best.figures) / value(optimum.figures):.3f} ({best.evaluations})"

    def row(text: str, explored: Explored) -> list[str]:
        optimum = explored.reduced["exhaustive"]
        searches = [*explored.reduced.values(), explored.best, explored.random]
        return [text, *(cell(best, optimum) for best in searches)]

    pairs = zip(study.definition.scenarios, study.explored, strict=True)
    names = ("reduced: genetic", "random", "Optuna", "exhaustive", "full: genetic", "random")
    return Table(
        [*left("scenario"), *right(*names)], [row(scenario.text, explored) for scenario, explored in pairs]
    )


def _prose(text: str) -> str:
    return "\n".join(paragraphs([text], _WIDTH)) + "\n"
