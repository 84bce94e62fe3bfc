"""SpecPIM's exploration as data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ahasd.report.specpim_study import gain
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.references import REFERENCES
from ahasd.studies.specpim.study import Best, Explored, SpecpimStudy


def specpim_document(study: SpecpimStudy) -> dict[str, Any]:
    """All that the study found: what the page shows, unrounded, and the front of each scenario.

    Speeds and tokens per joule over the references are geometric means over the scenarios; None where one has nothing
    that fits.
    """
    asked = study.definition
    own = [one.best for one in study.explored]
    return {
        "objective": asked.objective,
        "host": asked.host,
        "machine": None if study.machine is None else _machine(study.machine),
        "one_machine": _over_references(study, study.on_machine),
        "one_each": _over_references(study, own),
        "scenarios": [
            {
                "scenario": asdict(scenario),
                **_explored(explored),
                "on_machine": _best(study.on_machine[place]) if study.on_machine else None,
            }
            for place, (scenario, explored) in enumerate(zip(asked.scenarios, study.explored, strict=True))
        ],
    }


def _over_references(study: SpecpimStudy, bests: Sequence[Best]) -> dict[str, Any]:
    ready = bool(bests) and all(best.figures for best in bests)
    return {
        reference.name: {
            over: {
                name: gain(study, bests, place, figure, alone) if ready else None
                for name, figure in (("speed", "seconds"), ("tokens_per_joule", "joules"))
            }
            for over, alone in (("with_draft", False), ("without_draft", True))
        }
        for place, reference in enumerate(REFERENCES)
    }


def _explored(explored: Explored) -> dict[str, Any]:
    return {
        "best": _best(explored.best),
        "verified_by_host": _best(explored.host),
        "verified_by_memory": _best(explored.pim),
        "searches": {
            "genetic": _best(explored.best),
            "random": _best(explored.random),
            **{f"reduced: {name}": _best(best) for name, best in explored.reduced.items()},
        },
        "reduced_points": explored.points,
        "front": [_best(best) for best in explored.front],
        "references": {
            reference.name: {"with_draft": asdict(drafting), "without_draft": asdict(alone)}
            for reference, drafting, alone in zip(
                REFERENCES, explored.references, explored.alone, strict=True
            )
        },
    }


def _best(best: Best) -> dict[str, Any]:
    return {
        "evaluations": best.evaluations,
        "machine": None if best.machine is None else _machine(best.machine),
        "figures": None if best.figures is None else asdict(best.figures),
        "draft_in_memory": list(best.draft),
        "target_in_memory": list(best.target),
    }


def _machine(machine: Machine) -> dict[str, Any]:
    return {**asdict(machine), **machine.figures, "text": machine.text}
