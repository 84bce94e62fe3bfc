"""``ahasd report``: results as one page to show."""

from pathlib import Path

import typer

from ahasd.cli.show import show


def report(
    results: list[Path] = typer.Argument(
        metavar="RESULTS…", help="Folders that commands wrote with --output, or their JSON files."
    ),
    output: Path = typer.Option(Path("report.html"), "--output", "-o", metavar="FILE", help="The page."),
    images: Path | None = typer.Option(
        None, metavar="DIR", help="Also write every figure as SVG and PNG, and its data as CSV."
    ),
    format_: str = typer.Option(
        "csv", "--format", help="Of the data of --images: csv, or parquet (needs pyarrow)."
    ),
    window: str | None = typer.Option(
        None,
        metavar="START:END",
        show_default="a beginning",
        help="Seconds of a run that its timeline shows, such as 1.5:2.",
    ),
    json_: bool = typer.Option(False, "--json", help="Print sentences and the data of all figures as JSON."),
) -> None:
    """Lay results out as one page with pictures, which needs no network (needs the extra `report`)."""
    from ahasd.cli.windows import parse_window
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError, UnknownNameError
    from ahasd.report.files import check_file_writable, check_writable, to_json, write_bytes, write_files
    from ahasd.report.page.html import Section, page
    from ahasd.report.page.images import DATA, image_files
    from ahasd.report.page.overview import overview
    from ahasd.report.page.results import read_results
    from ahasd.report.pictures.render import check_renderer

    chosen = None if window is None else parse_window(window)
    if output.suffix.lower() not in (".html", ".htm"):
        raise AhasdError(f"--output {output}: the page is HTML; give a name that ends in .html")
    if format_ not in DATA:
        raise UnknownNameError("--format", format_, DATA)
    if images is None and format_ != "csv":
        raise AhasdError("--format is that of the data of --images; give a folder for them")
    data = DATA[format_]
    check_renderer()
    found = read_results(results)
    sections = [Section(one.name, one.show(chosen)) for one in found]
    together = overview(found)
    if together is not None:
        sections.insert(0, Section("Overview", together))
    check_file_writable(output)
    if images is not None:
        check_writable(images)
        write_bytes(images, image_files(sections, data))
        say_written(images)
    write_files(output.parent, {output.name: page(sections)})
    say_written(output)
    if json_:
        show(
            to_json(
                [
                    {
                        "name": section.name,
                        "sentence": section.shown.sentence,
                        "figures": {
                            figure.name: figure.columns.document() for figure in section.shown.figures
                        },
                    }
                    for section in sections
                ]
            )
        )
    else:
        show("".join(f"{section.shown.sentence}\n" for section in sections[:1]))
