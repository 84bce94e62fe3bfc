"""A comparison of systems of a family other than speculation, for people and for programs."""

import re
from collections.abc import Sequence
from typing import Any

from ahasd.experiments.of_family import ComparedRun
from ahasd.family.result import joules_text
from ahasd.plain_text import one_line
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left, right
from ahasd.report.text import TERMINAL, paragraphs, prose_width

#: What tells made-up traces of several seeds apart.
_SEED = re.compile(r"\bseed=\d+")


def family_sentence(runs: Sequence[ComparedRun]) -> str:
    """Say what is best of all that was compared, plain ways of the same machines included."""
    ran = _ranked(runs)
    if not ran:
        return "Nothing could run here; why stands below."
    best = ran[0]
    others = f", {best.rate / ran[1].rate:.2f}x the next" if len(ran) > 1 else ""
    said = (
        f"Best of {len(ran)} compared: {best.name} on {best.hardware}: {best.rate:.4g} {_unit(best)}s/s, "
        f"{joules_text(best.joules)}{others}."
    )
    plain = [(way, run) for run in ran for way in run.results[0].verdict.alternatives]
    missed = max(plain, key=lambda one: one[0].tokens_per_second, default=None)
    if missed is not None and missed[0].tokens_per_second > 1.01 * best.rate:
        way, run = missed
        said += (
            f" Faster than all of them is {way.name} on {run.hardware}, which was not in the list: "
            f"{way.tokens_per_second:.4g} {_unit(best)}s/s."
        )
    return one_line(said)


def family_table(runs: Sequence[ComparedRun]) -> Table:
    """A row for each run, the fastest first."""
    ran = _ranked(runs)
    own = list(ran[0].figures()) if ran else []
    unit = _unit(ran[0]) if ran else "token"
    rows = [
        [
            run.name,
            run.hardware,
            f"{run.rate:.4g}",
            "" if run.joules is None else f"{run.joules:.3g}",
            *(f"{value:.4g}" for value in run.figures().values()),
        ]
        for run in ran
    ]
    return Table((*left("", "hardware"), *right(f"{unit}s/s", f"J/{unit}", *own)), rows)


def family_text(runs: Sequence[ComparedRun]) -> str:
    """Sentence, table, what could not run, and notes."""
    width, table = min(TERMINAL, prose_width()), family_table(runs)
    parts = [
        paragraphs([family_sentence(runs)], width),
        fitted(table).splitlines() if table.rows else [],
        paragraphs([*_refusals(runs), *(f"Note: {note}" for note in _notes(runs))], width),
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def family_page(runs: Sequence[ComparedRun]) -> str:
    """The same in Markdown."""
    remarks = [*_refusals(runs), *_notes(runs)]
    parts = [
        "# Comparison\n",
        f"{family_sentence(runs)}\n",
        family_table(runs).markdown(),
        *(f"- {remark}" for remark in remarks),
    ]
    return wrapped("\n".join([*parts, ""]))


def _refusals(runs: Sequence[ComparedRun]) -> list[str]:
    return [
        one_line(f"{run.name} on {run.hardware} cannot run: {run.refused}") for run in runs if run.refused
    ]


def _notes(runs: Sequence[ComparedRun]) -> list[str]:
    """Every note once, also where those of several runs differ in the seed alone."""
    notes = [note for run in runs for result in run.results for note in result.notes]
    alike = {_SEED.sub("", note): note for note in reversed(notes)}
    return [one_line(note) for note in dict.fromkeys(notes) if note in alike.values()]


def family_document(runs: Sequence[ComparedRun]) -> dict[str, Any]:
    """The same for programs."""
    ran = _ranked(runs)
    return {
        "sentences": [family_sentence(runs)],
        "unit": _unit(ran[0]) if ran else "token",
        "ranking": [
            {
                "system": run.system,
                "hardware": run.hardware,
                "varied": dict(run.varied),
                "work_per_second": run.rate,
                "joules": run.joules,
                **run.figures(),
            }
            for run in ran
        ],
        "refused": [
            {
                "system": run.system,
                "hardware": run.hardware,
                "varied": dict(run.varied),
                "reason": run.refused,
            }
            for run in runs
            if run.refused
        ],
        "notes": _notes(runs),
    }


def _ranked(runs: Sequence[ComparedRun]) -> list[ComparedRun]:
    return sorted((run for run in runs if run.results), key=lambda run: -run.rate)


def _unit(run: ComparedRun) -> str:
    return run.results[0].work.unit
