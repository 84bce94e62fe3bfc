"""How often drafted tokens are accepted, by way to draft and kind of text: what the published record shows.

    python scripts/fit_acceptance.py tests/reference/field/speculation.csv

prints src/ahasd/prediction/from_figures/acceptance.yaml. Every row that gives an acceptance or tokens per pass
becomes the chance of a token that makes as many tokens per pass at its draft length (copying: that gives the share of
accepted tokens). Every project counts the same. `longest` is the longest draft of any row of the record.

A kind of text moves the logit of that chance by what it differs, in the mean over projects that measured several
kinds, from the mean of the project's kinds, times n / (n + 1) for n projects (ours: as if one more had seen no
difference). Copying has too few projects for that; there the reference is the middle of the whole record.

How many times smaller the draft is than its target (parameters that a token reads) is printed as the range that the
record holds, without a slope: with three projects, of which the one with the smallest ratio has the lowest
acceptance, none can be told.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import fmean, median

from ahasd.prediction.from_figures.drafted_tokens import chance_of_share, drafted_tokens, usual_length
from ahasd.prediction.from_figures.fitted import fitted
from ahasd.prediction.from_figures.setting import METHODS, DraftMethod
from ahasd.prediction.from_figures.tasks import TASKS, Task
from ahasd.validation.field.published_run import SPECIFICATION, setting_of
from ahasd.validation.field.sources import project_of
from ahasd.validation.field.words import task_of
from ahasd.validation.table import read_table

#: Chances are kept this far from 0 and 1, where logits end.
EDGE = 0.02
#: Drafts of the target without some layers are accepted whole in the record and carry nothing over.
LEFT_OUT: DraftMethod = "layer-skip"
ENDS = ("low", "high")


@dataclass(frozen=True)
class Sample:
    """A row as a chance; ``ratio`` is the target's active parameters over the draft's."""

    method: DraftMethod
    project: str
    task: Task | None
    chance: float
    ratio: float | None


def samples(path: Path) -> list[Sample]:
    """The rows that say how much was accepted."""
    found = []
    for row in read_table(path, (*SPECIFICATION, "source", "notes")):
        setting = setting_of(row)
        if setting.method == LEFT_OUT:
            continue
        if setting.method == "ngram":
            if setting.acceptance is None:
                continue
            chance = chance_of_share(setting.acceptance, setting.draft_length or usual_length(setting))
        else:
            tokens = drafted_tokens(setting, fitted().likeliest_token)
            if tokens is None or tokens.drafted <= 0:
                continue
            chance = chance_of_share(min(1.0, (tokens.emitted - 1) / tokens.drafted), tokens.drafted)
        ratio = None
        if setting.method == "draft-model" and setting.draft is not None and setting.draft.active:
            ratio = (setting.target.active or 0.0) / setting.draft.active or None
        kept = min(max(chance, EDGE), 1 - EDGE)
        found.append(Sample(setting.method, project_of(row.texts["source"]), task_of(row), kept, ratio))
    return found


def longest_drafts(path: Path) -> dict[DraftMethod, int]:
    """The longest draft of every method that anybody published."""
    found: dict[DraftMethod, int] = {}
    for row in read_table(path, SPECIFICATION):
        setting = setting_of(row)
        if setting.draft_length is not None:
            found[setting.method] = max(found.get(setting.method, 0), int(setting.draft_length))
    return found


def quantile(rows: Sequence[Sample], share: float) -> float:
    """The chance below which a share of the rows lies, every project counting the same."""
    count: dict[str, int] = defaultdict(int)
    for row in rows:
        count[row.project] += 1
    whole, below = len(count), 0.0
    points: list[tuple[float, float]] = []
    for row in sorted(rows, key=lambda row: row.chance):
        weight = 1 / count[row.project] / whole
        points.append((below + weight / 2, row.chance))
        below += weight
    before = (points[0][0], points[0][1])
    for point in points:
        if point[0] >= share:
            span = point[0] - before[0]
            return before[1] if span <= 0 else before[1] + (point[1] - before[1]) * (share - before[0]) / span
        before = point
    return points[-1][1]


def logit(chance: float) -> float:
    """log(p / (1 - p))."""
    return log(chance / (1 - chance))


def task_shift(rows: Iterable[Sample], task: Task) -> tuple[float, int]:
    """By how much a kind of text moves the logit, and how many projects say so; rows of drafting models and heads."""
    groups: dict[tuple[str, DraftMethod], dict[Task, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.task is not None and row.method != "ngram":
            groups[row.project, row.method][row.task].append(logit(row.chance))
    shifts = []
    for kinds in groups.values():
        if task in kinds and len(kinds) > 1:
            middles = {kind: median(values) for kind, values in kinds.items()}
            shifts.append(middles[task] - fmean(middles.values()))
    return _shrunk(shifts), len(shifts)


def copying_shift(rows: Sequence[Sample], task: Task, middle: float) -> tuple[float, int]:
    """The same of copying, against the middle of its record."""
    projects: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.method == "ngram" and row.task == task:
            projects[row.project].append(logit(row.chance))
    shifts = [median(values) - logit(middle) for values in projects.values()]
    return _shrunk(shifts), len(shifts)


def _shrunk(shifts: Sequence[float]) -> float:
    return sum(shifts) / (len(shifts) + 1)


def document(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """All of it, rounded as it is kept."""
    rows = samples(path)
    longest = longest_drafts(path)
    record: dict[str, dict[str, float]] = {}
    for method in METHODS:
        own = [row for row in rows if row.method == method]
        if own:
            low, middle, high = (round(quantile(own, share), 2) for share in (0.1, 0.5, 0.9))
            if len({row.project for row in own}) == 1:
                # One project's spread is not that of other people's: that of the heads of most projects stands in.
                low, high = (round(middle + record["mtp"][end] - record["mtp"]["middle"], 2) for end in ENDS)
            record[method] = {
                "low": low,
                "middle": middle,
                "high": high,
                "longest": longest[method],
                "rows": len(own),
                "projects": len({row.project for row in own}),
            }
    shifts: dict[str, dict[str, dict[str, float]]] = {"drafting": {}, "copying": {}}
    for task in TASKS:
        for name, (shift, projects) in (
            ("drafting", task_shift(rows, task)),
            ("copying", copying_shift(rows, task, record["ngram"]["middle"])),
        ):
            if projects:
                shifts[name][task] = {"shift": round(shift, 2), "projects": projects}
    ratios = [(row.project, row.ratio, row.chance) for row in rows if row.ratio is not None]
    sizes: dict[str, dict[str, float]] = {
        "draft-model": {
            "low": round(min(ratio for _, ratio, _ in ratios)),
            "high": round(max(ratio for _, ratio, _ in ratios)),
            "projects": len({project for project, _, _ in ratios}),
        }
    }
    return {"record": record, **{f"{name}_shift": found for name, found in shifts.items()}, "ratio": sizes}


def main() -> None:
    """Print it."""
    path = Path(sys.argv[1])
    for section, entries in document(path).items():
        print(f"{section}:")
        for name, figures in entries.items():
            inside = ", ".join(f"{key}: {value:g}" for key, value in figures.items())
            print(f"  {name}: {{{inside}}}")
    if "--rows" in sys.argv:
        for row in samples(path):
            if row.method == "draft-model":
                print(row)


if __name__ == "__main__":
    main()
