"""``ahasd study``: longer investigations, each of which writes a document."""

import os
from pathlib import Path

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.run_options import Jobs, Seeds, Tokens
from ahasd.cli.show import show

study = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Longer investigations, each of which writes a document.",
)

#: Lies beside the document and is put at its head: what people read out of the tables.
FINDINGS = "control.findings.md"


@study.command("control")
def control(
    tokens: Tokens = 512,
    seeds: Seeds = 4,
    pair: str | None = typer.Option(None, show_default="all three", help="Only these costs, DRAFT:TARGET."),
    jobs: Jobs = None,
    output: Path | None = typer.Option(
        None, "--output", "-o", help=f"Folder for control.md; its {FINDINGS}, if there is one, goes in."
    ),
) -> None:
    """Measure what EDC, TVC and control by goodput are worth, between the best static control and its bounds."""
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.control_study import control_page
    from ahasd.report.files import check_writable, write_files
    from ahasd.studies.control.study import study_control
    from ahasd.systems.suites import PAIRS
    from ahasd.text_files import read_text

    pairs = PAIRS if pair is None else (pair,)
    findings = ""
    if output is not None:
        check_writable(output)
        if os.path.lexists(output / FINDINGS):
            findings = read_text(output / FINDINGS, "findings")
    with progress_bar("parts") as advance:
        found = study_control(tokens, seeds, pairs, jobs or usable_processors(), advance)
    page = control_page(found, findings)
    if output is not None:
        write_files(output, {"control.md": page})
        say_written(output / "control.md")
    else:
        show(page)
