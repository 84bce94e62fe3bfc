"""The tables of a comparison: systems on one machine, and ratios on all machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.claims.published import PublishedRatio
from ahasd.claims.published_means import published_mean
from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import machines
from ahasd.experiments.metrics import PartialMetric, joules_per_token, tokens_per_second
from ahasd.experiments.standing import Standing, reference_system, standings, standings_by_system
from ahasd.report.comparison.cell_text import CANNOT_RUN, interval_text, joules_text, number, speed_text
from ahasd.report.table import Table, left, right


@dataclass(frozen=True, slots=True)
class RatioOf:
    """A ratio that a table shows: its name, the metric, and where the published one is."""

    name: str
    metric: PartialMetric
    published: Callable[[PublishedRatio], float]


THROUGHPUT = RatioOf("throughput", tokens_per_second, lambda ratio: ratio.throughput)
ENERGY = RatioOf("energy", joules_per_token, lambda ratio: ratio.energy)


def standings_table(cells: Sequence[Cell], hardware: str) -> Table:
    """The systems on one machine; ratios are taken seed by seed.

    "/ npu" is the ratio to that system, "/ verifier alone" to the target alone on the device that verifies; the last
    two columns are the shares of time in which the NPU or else the GPU, and the PIM or else the second GPU, work.
    """
    reference = reference_system(cells)
    ratio = f"/ {reference}"
    columns = (
        *left("system"),
        *right("tokens/s", ratio, "paper", "/ verifier alone", "J/token", ratio, "paper"),
        *right("accept.", "tok/pass", "NPU/GPU", "PIM/GPU2"),
    )
    return Table(columns, [_row(standing, reference) for standing in standings(cells, hardware)], hardware)


def ratios_table(cells: Sequence[Cell], ratio: RatioOf) -> Table:
    """Ratios to the reference system: a row per system, the paper's figure, a column per machine."""
    reference = reference_system(cells)
    drafts = any(cell.drafts for cell in cells)
    rows = []
    for system, everywhere in standings_by_system(cells).items():
        published = published_mean(cells[0].pair, system, reference, drafts)
        ours = [
            CANNOT_RUN if one.cell.refused else interval_text(one.ratio(ratio.metric), 2)
            for one in everywhere
        ]
        rows.append([system, published_text(published, ratio), *ours])
    return Table((*left(f"{ratio.name} / {reference}"), *right("paper", *machines(cells))), rows)


def published_text(published: PublishedRatio | None, ratio: RatioOf) -> str:
    """What the paper gives; nothing where it gives nothing."""
    return "" if published is None else f"{ratio.published(published):.2f}"


def _row(standing: Standing, reference: str) -> list[str]:
    cell = standing.cell
    if cell.refused:
        return [cell.system, CANNOT_RUN, *[""] * 10]
    published = published_mean(cell.pair, cell.system, reference, cell.drafts)
    return [
        cell.system,
        speed_text(cell),
        interval_text(standing.ratio(tokens_per_second), 2),
        published_text(published, THROUGHPUT),
        interval_text(standing.over_alone, 2),
        joules_text(cell),
        interval_text(standing.ratio(joules_per_token), 2),
        published_text(published, ENERGY),
        number(standing.acceptance_rate, ".2f"),
        number(standing.acceptance_length, ".2f"),
        number(standing.verifier_busy, ".0%"),
        number(standing.drafter_busy, ".0%"),
    ]
