"""The ablation as a table, the paper's columns beside ours."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from ahasd.claims.published_means import published_mean
from ahasd.experiments import metrics
from ahasd.experiments.ablation import REFERENCES, STAGES, Ablation
from ahasd.experiments.cells import drafted_by, machines, notes, pairs
from ahasd.experiments.metrics import PartialMetric
from ahasd.plain_text import one_line
from ahasd.report.comparison.cell_text import (
    algorithm_text,
    joules_text,
    number,
    over_cells_text,
    refusal_lines,
)
from ahasd.report.comparison.ranking import ranking_sentences
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, RatioOf, published_text
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left, right
from ahasd.report.text import display_width, known_width, paragraphs

#: Columns of the table: system -> title.
COLUMNS = {name: name for name in REFERENCES} | STAGES


@dataclass(frozen=True, slots=True)
class MeanRow:
    """A row of means: its title, the metric and its format."""

    title: str
    metric: PartialMetric
    form: str


#: Below the ratios.
MEAN_ROWS = (
    MeanRow("acceptance rate", metrics.acceptance_rate, ".3f"),
    MeanRow("wasted drafts", metrics.wasted_share, ".0%"),
    MeanRow("wasted drafts per token", metrics.wasted_per_token, ".2f"),
    MeanRow("J per wasted draft", metrics.joules_per_wasted_draft, ".3f"),
    MeanRow("NPU or GPU idle", metrics.idle("npu", "gpu"), ".1%"),
    MeanRow("PIM idle", metrics.idle("pim"), ".1%"),
    MeanRow("power, W", metrics.average_power_w, ".2f"),
    MeanRow("tokens per Wh", metrics.tokens_per_wh, ".0f"),
    MeanRow("minutes per Wh", metrics.minutes_per_wh, ".1f"),
)


def ablation_table(ablation: Ablation) -> Table:
    """A figure a row, a reference or a stage a column.

    With several pairs or algorithms the figures are means over them, of those that can run.
    """
    speeds = (over_cells_text(ablation.over(system, metrics.tokens_per_second), 2) for system in COLUMNS)
    rows = [
        ["tokens/s", *speeds],
        *_ratio_rows(ablation, THROUGHPUT),
        ["J/token", *(_joules_text(ablation, system) for system in COLUMNS)],
        *_ratio_rows(ablation, ENERGY),
    ]
    for row in MEAN_ROWS:
        means = (number(ablation.mean(system, row.metric), row.form) for system in COLUMNS)
        rows.append([row.title, *means])
    return Table((*left(""), *right(*COLUMNS.values())), rows)


def ablation_sentences(ablation: Ablation) -> list[str]:
    """Say what AHASD comes to beside the paper's figure, what each part adds, and what is best here."""
    said = []
    whole = list(STAGES)[-1]
    ours = ablation.ratio(whole, REFERENCES[0], metrics.tokens_per_second)
    if ours is not None:
        published = published_mean(ablation.cells[0].pair, whole, REFERENCES[0])
        paper = "" if published is None else f" (the paper: {published.throughput:.2f}x)"
        said.append(
            f"{whole} is {ours.mean:.2f}x as fast as {REFERENCES[0]}{paper}: {'; '.join(_steps(ablation))}."
        )
    return [*said, *ranking_sentences(ablation.cells)]


def _steps(ablation: Ablation) -> list[str]:
    """What every part changes of the speed, over the system without it."""
    steps = []
    for (before, _), (after, title) in pairwise(STAGES.items()):
        ratio = ablation.ratio(after, before, metrics.tokens_per_second)
        if ratio is not None:
            steps.append(f"{title.removeprefix('+')} {ratio.mean - 1:+.0%}")
    return steps


def ablation_text(ablation: Ablation) -> str:
    """What it comes to, the table, what cannot run, and notes, for a terminal."""
    remarks = [*refusal_lines(ablation.cells), *(f"Note: {note}" for note in notes(ablation.cells))]
    parts = [
        paragraphs(ablation_sentences(ablation)),
        _table_text(ablation).splitlines(),
        paragraphs(["paper: means over three pairs and four algorithms (arXiv 2604.25326).", *remarks]),
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _table_text(ablation: Ablation) -> str:
    """The table, or where the terminal is too narrow a row for each stage with its speed and energy."""
    whole, columns = ablation_table(ablation).terminal(), known_width()
    if columns is None or max(map(display_width, whole.splitlines())) <= columns:
        return whole
    rows = [
        (
            title,
            over_cells_text(ablation.over(system, metrics.tokens_per_second), 2),
            _joules_text(ablation, system),
        )
        for system, title in COLUMNS.items()
    ]
    return fitted(Table((*left("stage"), *right("tokens/s", "J/token")), rows), columns)


def ablation_document(ablation: Ablation) -> dict[str, Any]:
    """The same for programs: each system's means over pairs and algorithms, and its ratios to the references."""
    figures = {"tokens_per_second": metrics.tokens_per_second, "joules_per_token": metrics.joules_per_token}
    systems = {}
    for system, title in COLUMNS.items():
        over = {name: ablation.over(system, metric) for name, metric in figures.items()}
        ratios = {
            reference: {name: ablation.ratio(system, reference, metric) for name, metric in figures.items()}
            for reference in REFERENCES
        }
        systems[system] = {
            "title": title,
            **{name: None if found is None else asdict(found) for name, found in over.items()},
            "over": {
                reference: {name: None if found is None else asdict(found) for name, found in row.items()}
                for reference, row in ratios.items()
            },
            "acceptance_rate": ablation.mean(system, metrics.acceptance_rate),
        }
    return {
        "sentences": ablation_sentences(ablation),
        "systems": systems,
        "refused": refusal_lines(ablation.cells),
        "notes": notes(ablation.cells),
    }


def ablation_page(ablation: Ablation) -> str:
    """The table with what it is of, what cannot run, and notes, in Markdown."""
    cells = ablation.cells
    algorithms = ", ".join(map(algorithm_text, drafted_by(cells)))
    remarks = [*refusal_lines(cells), *notes(cells)]
    lines = [
        "# Ablation",
        "",
        *ablation_sentences(ablation),
        "",
        one_line(f"{', '.join(pairs(cells))}; {algorithms}; on {', '.join(machines(cells))}."),
        "",
        ablation_table(ablation).markdown(),
        "The rows `paper` are means over three pairs and four algorithms (arXiv 2604.25326); its energy efficiency "
        "is written as energy per token. Idle is time without work; waiting for something shared is not idle.",
        "",
        *(f"- {one_line(text)}" for text in remarks),
        "",
    ]
    return wrapped("\n".join(lines))


def _ratio_rows(ablation: Ablation, ratio: RatioOf) -> list[list[str]]:
    """Ours and the paper's over each reference that can run."""
    rows = []
    for reference in REFERENCES:
        if ablation.of(reference):
            ours = (over_cells_text(ablation.ratio(system, reference, ratio.metric), 2) for system in COLUMNS)
            pair = ablation.cells[0].pair
            papers = (published_text(published_mean(pair, system, reference), ratio) for system in COLUMNS)
            rows += [[f"{ratio.name} / {reference}", *ours], ["paper", *papers]]
    return rows


def _joules_text(ablation: Ablation, system: str) -> str:
    """Of a single cell also the ends over the constants' ranges."""
    cells = ablation.of(system)
    if len(cells) == 1:
        return joules_text(cells[0])
    return over_cells_text(ablation.over(system, metrics.joules_per_token), 3)
