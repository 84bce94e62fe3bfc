"""``ahasd validate``: the models against reference measurements."""

from pathlib import Path

import typer

from ahasd.cli.show import show, show_answer


def validate(
    folder: Path = typer.Argument(metavar="DIR", help="A folder of reference files."),
    json_: bool = typer.Option(False, "--json", help="Print JSON; errors are fractions."),
    rows: bool = typer.Option(False, help="Show every row."),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for validation.json and validation.md."
    ),
) -> None:
    """Predict every row of a folder of measurements and print the errors."""
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.report.files import check_writable, to_json, write_files
    from ahasd.report.validation import validation_json, validation_page, validation_text
    from ahasd.validation.validate import validate as compare

    if output is not None:
        check_writable(output)
    with progress_bar("files") as advance:
        reports = compare(folder, progress=advance)
    if output is not None:
        files = {
            "validation.json": to_json(validation_json(reports, rows=True)),
            "validation.md": validation_page(reports),
        }
        write_files(output, files)
        say_written(*(output / name for name in files))
    if json_:
        show(to_json(validation_json(reports, rows)))
    else:
        show_answer(validation_text(reports, rows))
