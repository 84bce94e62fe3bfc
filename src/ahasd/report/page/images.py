"""Every figure as files: SVG, PNG, and the rows behind it as CSV."""

import re
from collections.abc import Iterator, Sequence

from ahasd.plain_text import printable
from ahasd.report.page.html import Section
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.render import NARROW, WIDE, png, svg


def image_files(sections: Sequence[Section]) -> dict[str, bytes]:
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
        found[f"{stem}.csv"] = printable(figure.table().csv()).encode()
    return found


def _named(sections: Sequence[Section]) -> Iterator[tuple[str, Figure]]:
    """Figures with names of their own: those of several sections begin with the section's number and name."""
    for number, section in enumerate(sections, start=1):
        of = re.sub(r"[^A-Za-z0-9._-]+", "-", section.name)[:60]
        before = f"{number}-{of}-" if len(sections) > 1 else ""
        for figure in section.shown.figures:
            yield f"{before}{figure.name}", figure
