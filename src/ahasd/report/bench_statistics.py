"""Statistics of a results file: a table by method and category, and one prompt's tokens over time."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ahasd.benchmarking.samples import Sample
from ahasd.benchmarking.statistics import MethodStatistics, name_of
from ahasd.errors import AhasdError
from ahasd.report.step_log import MARKS, tokens_plot
from ahasd.report.table import Table, left, right


def statistics_table(rows: Sequence[MethodStatistics]) -> Table:
    """A row for each method in each category; a category is named once."""
    columns = (
        *left("category", "method"),
        *right("texts", least=6),
        *right("tokens/s", least=9),
        *right("ms/token", least=9),
        *right("speed-up", least=9),
        *right("accept", least=7),
        *right("tok/pass", least=9),
    )
    cells, last = [], None
    for row in rows:
        cells.append(
            (
                "" if row.category == last else row.category,
                row.name,
                str(row.texts),
                f"{row.tokens_per_second:.1f}",
                f"{row.seconds_per_token * 1e3:.2f}",
                "" if row.speedup is None else f"{row.speedup:.2f}",
                "" if row.acceptance is None else f"{row.acceptance:.2f}",
                "" if row.tokens_per_pass is None else f"{row.tokens_per_pass:.2f}",
            )
        )
        last = row.category
    return Table(columns, cells, notes=("Times are from the request to the last token, prompt included.",))


def statistics_json(rows: Sequence[MethodStatistics]) -> list[dict[str, Any]]:
    """Give them in seconds and tokens."""
    return [asdict(row) | {"tokens_per_second": row.tokens_per_second} for row in rows]


def sample_plot(samples: Sequence[Sample], index: int) -> str:
    """Draw one prompt's tokens over time, first turn and repetition, a line for each method.

    Raises
    ------
    AhasdError
        If there is no such prompt, or its tokens' moments are not known.
    """
    own = [sample for sample in samples if sample.sample_index == index]
    if not own:
        most = max(sample.sample_index for sample in samples)
        raise AhasdError(f"there is no prompt {index}; the file holds 0 to {most}")
    lines = {
        name_of(sample): sample.tokens_over_time
        for sample in own
        if sample.repetition == 0 and sample.turn == 0 and sample.tokens_over_time
    }
    if not lines:
        raise AhasdError(f"prompt {index}: the file does not say when its tokens came")
    if len(lines) > len(MARKS):
        raise AhasdError(f"prompt {index} has {len(lines)} methods, and a plot has marks for {len(MARKS)}")
    return f"Prompt {index} (question {own[0].question_id})\n{tokens_plot(lines)}"
