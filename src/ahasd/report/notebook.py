"""A result in a notebook: the sentence, the ways side by side, and a chart where it can be drawn."""

from html import escape
from importlib.util import find_spec

from ahasd.family.result import Result
from ahasd.plain_text import one_line
from ahasd.report.pictures.render import NARROW, svg
from ahasd.report.pictures.runs.totals import ways
from ahasd.report.run.ways import ways_table


def result_html(result: Result) -> str:
    """Without the extra `report` there is no chart, and the rest all the same."""
    chart = ways(result) if find_spec("vl_convert") is not None else None
    drawn = f'<div style="max-width: {NARROW}px">{svg(chart, NARROW)}</div>' if chart is not None else ""
    return (
        f"<div><p><strong>{escape(one_line(result.verdict.sentence))}</strong></p>\n"
        f"<p>{escape(one_line(result.title))}</p>\n{ways_table(result).html()}{drawn}</div>"
    )
