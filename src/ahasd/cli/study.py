"""``ahasd study``: longer investigations, each of which writes a document."""

from pathlib import Path

import typer

study = typer.Typer(no_args_is_help=True, help="Longer investigations, each of which writes a document.")

FINDINGS = "control.findings.md"
"""Lies beside the document and is put at its head: what people read out of the tables."""


@study.command("control")
def control(
    tokens: int = typer.Option(512, min=1, help="Tokens of every run."),
    seeds: int = typer.Option(4, min=1, help="Runs of each, with seeds 0, 1, …"),
    pair: str | None = typer.Option(None, show_default="all three", help="Only these costs, DRAFT:TARGET."),
    jobs: int | None = typer.Option(None, min=1, show_default="one per processor", help="Processes."),
    output: Path | None = typer.Option(
        None, help=f"Folder for control.md; its {FINDINGS}, if there is one, goes in."
    ),
) -> None:
    """Measure what EDC, TVC and control by goodput are worth, between the best static control and its bounds."""
    from ahasd.cli.progress import progress_bar
    from ahasd.processors import usable_processors
    from ahasd.report.control_study import control_page
    from ahasd.report.files import check_writable, write_files
    from ahasd.studies.control.study import study_control
    from ahasd.systems.suites import PAIRS

    pairs = PAIRS if pair is None else (pair,)
    findings = ""
    if output is not None:
        check_writable(output)
        if (output / FINDINGS).is_file():
            findings = (output / FINDINGS).read_text(encoding="utf-8")
    with progress_bar("parts") as advance:
        found = study_control(tokens, seeds, pairs, jobs or usable_processors(), advance)
    page = control_page(found, findings)
    if output is not None:
        write_files(output, {"control.md": page})
    else:
        typer.echo(page, nl=False)
