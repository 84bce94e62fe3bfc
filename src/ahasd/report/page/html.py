"""One self-contained page: no script, nothing from a network, all text from outside escaped."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from ahasd import __version__
from ahasd.plain_text import one_line, printable
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.render import NARROW, WIDE, svg
from ahasd.report.pictures.view import Shown
from ahasd.report.table import Table

#: Rows of the table behind a figure that the page shows; the file behind the link has all (ours).
SHOWN_ROWS = 200

#: Nothing is fetched, whatever slipped in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_IDS = re.compile(r"""(\bid="|\burl\(#|\bhref="#)""")


@dataclass(frozen=True, slots=True)
class Section:
    """Results on a page, under the name by which a reader tells them from others."""

    name: str
    shown: Shown


def page(sections: Sequence[Section]) -> str:
    """Lay sections out, the first one's sentence on top.

    Raises
    ------
    AhasdError
        What draws figures is not installed.
    """
    style = files("ahasd.report.page").joinpath("page.css").read_text(encoding="utf-8")
    several = len(sections) > 1
    links = "".join(
        f'<li><a href="#section-{number}">{_text(section.name)}</a></li>'
        for number, section in enumerate(sections, start=1)
    )
    body = "".join(_section(section, number, several) for number, section in enumerate(sections, start=1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{_text(sections[0].shown.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the results</a>\n'
        + (f"<nav aria-label='Results'><ul>{links}</ul></nav>\n" if several else "")
        + f'<main id="main">\n{body}</main>\n'
        f"<footer>Made by ahasd {escape(__version__)}. Figures can be read as tables and saved as CSV.</footer>\n"
        "</body>\n</html>\n"
    )


def _section(section: Section, number: int, several: bool) -> str:
    shown = section.shown
    first, *others = shown.tables or (None,)
    figures = "".join(
        _figure(figure, f"s{number}f{place}", section.name if several else "")
        for place, figure in enumerate(shown.figures, start=1)
    )
    notes = "".join(f"<li>{_text(note)}</li>" for note in shown.notes)
    asked = f"<pre tabindex='0'>{escape(_plain_json(shown.asked))}</pre>"
    heading = "h2" if several and number > 1 else "h1"
    parts = [
        f'<section id="section-{number}" aria-labelledby="title-{number}">\n',
        f'<{heading} class="title" id="title-{number}">{_text(shown.title)}</{heading}>\n',
        f'<p class="answer">{_text(shown.sentence)}</p>\n',
        _table(first, "Summary") if first is not None else "",
        f'<div class="figures">\n{figures}</div>\n' if figures else "",
        f"<h3>Notes</h3>\n<ul>{notes}</ul>\n" if notes else "",
        _folded("All figures", "".join(_table(table, table.title) for table in others)) if others else "",
        _folded("Configuration", asked) if shown.asked else "",
        "</section>\n",
    ]
    return "".join(parts)


def _figure(figure: Figure, key: str, of: str) -> str:
    """Drawing, what is to be seen, and the rows behind it."""
    table = figure.table()
    rows = Table(table.columns, table.rows[:SHOWN_ROWS])
    left_out = len(table.rows) - len(rows.rows)
    more = f"<p>{left_out} more rows are in the CSV file.</p>" if left_out else ""
    content = base64.b64encode(printable(table.csv()).encode()).decode("ascii")
    name = f"{of}-{figure.name}" if of else figure.name
    link = (
        f'<a download="{escape(_file_name(name))}.csv" href="data:text/csv;charset=utf-8;base64,{content}">'
        f"CSV of {len(table.rows)} rows</a>"
    )
    drawings = _drawing(figure, NARROW, f"{key}n", "narrow" if figure.wide else "")
    if figure.wide:
        drawings += _drawing(figure, WIDE, f"{key}w", "wide")
    return (
        f'<figure class="{"whole" if figure.wide else "part"}" data-figure="{escape(figure.name)}">\n'
        f"<h3>{_text(figure.title)}</h3>\n{drawings}\n<figcaption>{_text(figure.says)}</figcaption>\n"
        + _folded("Data", f"<p>{link}</p>{_table(rows, figure.title)}{more}")
        + "</figure>\n"
    )


def _drawing(figure: Figure, width: int, key: str, kind: str) -> str:
    """The drawing as one image, with names of its own inside, since a page has several."""
    drawn = _IDS.sub(lambda found: f"{found[1]}{key}-", svg(figure, width))
    label = f'role="img" aria-label="{_text(f"{figure.title}. {figure.says}")}"'
    return f'<div class="drawing {kind}" {label}>{drawn}</div>'


def _table(table: Table, label: str) -> str:
    """A table that scrolls by itself where the page is narrow, also by keys."""
    return f'<div class="table" role="region" tabindex="0" aria-label="{_text(label)}">{table.html()}</div>\n'


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>\n"


def _plain_json(asked: object) -> str:
    return printable(json.dumps(asked, indent=2, ensure_ascii=False, default=str))


def _text(text: str) -> str:
    return escape(one_line(text))


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)
