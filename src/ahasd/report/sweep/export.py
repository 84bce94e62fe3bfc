"""All points of a sweep with all figures, as CSV or Parquet."""

from io import BytesIO
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.experiments.sweep.kept import KeptSweep
from ahasd.plain_text import printable
from ahasd.report.files import check_file_writable
from ahasd.report.table import Table, left, unrounded
from ahasd.whole_files import write_whole

#: Files that can be written, by their endings.
ENDINGS = (".csv", ".parquet")


def check_export(path: Path) -> None:
    """See that the file can be written, and in what its ending names.

    Raises
    ------
    AhasdError
        Else.
    """
    if path.suffix.lower() not in ENDINGS:
        raise AhasdError(f"export '{path}' must end in {' or '.join(ENDINGS)}")
    if path.suffix.lower() == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ModuleNotFoundError as error:
            raise AhasdError(
                f"exporting to .parquet needs a package that is not installed ({error.name}): "
                "pip install 'ahasd[parquet]', or write a .csv"
            ) from error
    check_file_writable(path)


def export(sweep: KeptSweep, path: Path) -> None:
    """Write a row for each point: what was varied, its state, why there is no result, and all figures.

    Raises
    ------
    AhasdError
        The file cannot be written; what was there before is untouched.
    """
    check_export(path)
    columns, rows = _rows(sweep)
    content = _csv(columns, rows) if path.suffix.lower() == ".csv" else _parquet(columns, rows)
    try:
        write_whole(path.parent, {path.name: content})
    except OSError as error:
        raise AhasdError(f"cannot write '{path}': {error.strerror or error}") from error


def _rows(sweep: KeptSweep) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows; a figure that has the name of a varied field is that field."""
    rows = []
    for point in sweep.points:
        state = "missing" if point.row is None else point.row.state
        rows.append({**point.figures(), **point.values, "state": state, "reason": point.reason})
    first = [*sweep.varied, "state", "reason"]
    figures = sorted({name for row in rows for name in row} - set(first))
    return [*first, *figures], rows


def _csv(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    cells = [[unrounded(row.get(name)) for name in columns] for row in rows]
    return printable(Table(left(*columns), cells).csv()).encode()


def _parquet(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    def column(name: str) -> list[Any]:
        values = [row.get(name) for row in rows]
        kinds = {type(value) for value in values if value is not None}
        # A column has one type; fields of several, such as a fixed length or a name, are texts.
        if kinds <= {int, float} and float in kinds:
            return [None if value is None else float(value) for value in values]
        return values if len(kinds) <= 1 else [None if value is None else str(value) for value in values]

    buffer = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({name: column(name) for name in columns}), buffer)
    return buffer.getvalue()
