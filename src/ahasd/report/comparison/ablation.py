"""The ablation as a table, the paper's columns beside ours."""

from dataclasses import dataclass

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
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, RatioOf, published_text
from ahasd.report.table import Table, left, right

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


def ablation_page(ablation: Ablation) -> str:
    """The table with what it is of, what cannot run, and notes, in Markdown."""
    cells = ablation.cells
    algorithms = ", ".join(map(algorithm_text, drafted_by(cells)))
    remarks = [*refusal_lines(cells), *notes(cells)]
    lines = [
        "# Ablation",
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
    return "\n".join(lines)


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
