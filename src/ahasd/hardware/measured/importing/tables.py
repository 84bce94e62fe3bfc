"""Tables in Markdown, as programs print them among other lines."""

from collections.abc import Sequence

from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.log_text import LogText


def markdown_rows(log: LogText, wanted: Sequence[str]) -> list[Fields]:
    """Rows of the tables whose head has these columns.

    Raises
    ------
    AhasdError
        A row has fewer or more cells than its head.
    """
    rows: list[Fields] = []
    head: list[str] | None = None
    for number, line in enumerate(log.lines, start=1):
        if not line.lstrip().startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if set(wanted) <= set(cells):
            head = cells
        elif head is not None and not set("".join(cells)) <= set("-: "):
            if len(cells) != len(head) or not line.rstrip().endswith("|"):
                raise log.torn(number, f"{len(head)} cells: {', '.join(head)}")
            rows.append(Fields(log, number, dict(zip(head, cells, strict=True))))
    return rows


def has_table(log: LogText, wanted: Sequence[str]) -> bool:
    """Whether a table with these columns is in a text."""
    return any(
        line.lstrip().startswith("|") and set(wanted) <= {cell.strip() for cell in line.split("|")}
        for line in log.lines
    )
