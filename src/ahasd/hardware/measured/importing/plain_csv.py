"""A table of one's own: ``model,width,context,ms``."""

import csv
from io import StringIO

from ahasd.hardware.measured.importing.fields import Fields
from ahasd.hardware.measured.importing.format import Format
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import Source

#: Columns in other units, and what to do with them.
_OTHER_UNITS = {
    "s": "ms = 1000 x seconds",
    "sec": "ms = 1000 x seconds",
    "seconds": "ms = 1000 x seconds",
    "us": "ms = microseconds / 1000",
    "ns": "ms = nanoseconds / 1000000",
    "tok_s": "ms = 1000 x width / (tokens per second)",
    "tok/s": "ms = 1000 x width / (tokens per second)",
    "t/s": "ms = 1000 x width / (tokens per second)",
    "tps": "ms = 1000 x width / (tokens per second)",
    "tokens_per_second": "ms = 1000 x width / (tokens per second)",
}


class PlainCsv(Format):
    """Columns in any order; ``context`` may be left out (0), and ``model`` where there is one (``--model``).

    ``weight_bytes`` may be added; lines that begin with ``#`` are comments.
    """

    name = "a CSV with the columns model,width,context,ms"

    def recognises(self, log: LogText) -> bool:
        """A head with ``width``."""
        return "width" in _head(log)[1]

    def read(self, log: LogText) -> Reading:
        """Every line."""
        at, head = _head(log)
        other = next((name for name in head if name in _OTHER_UNITS), None)
        if "ms" not in head:
            said = (
                f"column '{other}' is no milliseconds; write {_OTHER_UNITS[other]}"
                if other
                else "no column 'ms'"
            )
            raise log.fail(at, f"{said}; expected model,width,context,ms")
        times = []
        for number, line in enumerate(log.lines[at:], start=at + 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            cells = next(csv.reader(StringIO(line)))
            if len(cells) != len(head):
                raise log.torn(number, f"{len(head)} cells: {', '.join(head)}")
            row = Fields(log, number, dict(zip(head, (cell.strip() for cell in cells), strict=True)))
            name = ModelName(row.text("model"), row.optional("weight_bytes", 1))
            context = row.whole("context") if row.text("context") else 0
            times.append(TimeReading(name, row.whole("width", 1), context, row.number("ms", 1e-9), number))
        if not times:
            raise log.fail(at, "a head and no line below it")
        return Reading(Source(program="CSV", file=log.file), tuple(times))


def _head(log: LogText) -> tuple[int, list[str]]:
    """The first line that is no comment, and its cells."""
    for number, line in enumerate(log.lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            return number, [cell.strip().lower() for cell in line.split(",")]
    return 1, []
