"""Every figure as files: SVG, PNG, and the rows behind it as CSV or Parquet."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ahasd.plain_text import printable
from ahasd.report.page.html import Section
from ahasd.report.parquet import parquet
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.render import NARROW, WIDE, png, svg


@dataclass(frozen=True, slots=True)
class DataFile:
    """How the rows behind a figure are kept.

    Attributes
    ----------
    suffix
        Of the file.
    of
        Its content.
    """

    suffix: str
    of: Callable[[Figure], bytes]


#: What ``--format`` can say.
DATA = {
    "csv": DataFile("csv", lambda figure: printable(figure.table().csv()).encode()),
    "parquet": DataFile("parquet", lambda figure: parquet(figure.columns)),
}


def image_files(sections: Sequence[Section], data: DataFile = DATA["csv"]) -> dict[str, bytes]:
    """Contents by file name.

    Raises
    ------
    AhasdError
        What draws is not installed.
    """
    found: dict[str, bytes] = {}
    for stem, figure in _named(sections):
        width = WIDE if figure.wide else NARROW
        found[f"{stem}.svg"] = svg(figure, width).encode()
        found[f"{stem}.png"] = png(figure, width)
        found[f"{stem}.{data.suffix}"] = data.of(figure)
    return found


def _named(sections: Sequence[Section]) -> Iterator[tuple[str, Figure]]:
    """Figures with names of their own: those of several sections begin with the section's number and name."""
    for number, section in enumerate(sections, start=1):
        of = re.sub(r"[^A-Za-z0-9._-]+", "-", section.name)[:60]
        before = f"{number}-{of}-" if len(sections) > 1 else ""
        for figure in section.shown.figures:
            yield f"{before}{figure.name}", figure
