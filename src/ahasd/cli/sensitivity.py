"""``ahasd sensitivity``: which parameters flip the verdict on a claim."""

from pathlib import Path

import typer


def sensitivity(
    claim: str = typer.Option(metavar="ID", help="A claim of `ahasd claims`."),
    tokens: int | None = typer.Option(None, min=1, show_default="1024", help="Tokens of every run"),
    seeds: int | None = typer.Option(None, min=1, show_default="5", help="Runs of each configuration"),
    jobs: int | None = typer.Option(None, min=1, show_default="one per processor", help="Processes"),
    output: Path | None = typer.Option(None, help="Folder for sensitivity.csv and sensitivity.md."),
) -> None:
    """Vary what can move a published claim, and say where it holds."""
    from ahasd.claims.ledger import claims_named
    from ahasd.claims.measuring.known_runs import DEFAULT_SEEDS, DEFAULT_TOKENS, KnownRuns
    from ahasd.claims.sensitivity import sensitivity as vary
    from ahasd.cli.progress import progress_bar
    from ahasd.processors import usable_processors
    from ahasd.report.claims.sensitivity import sensitivity_csv, sensitivity_page, sensitivity_text
    from ahasd.report.files import check_writable, write_files
    from ahasd.report.text import terminal_width

    (chosen,) = claims_named([claim])
    if output is not None:
        check_writable(output)
    bench = KnownRuns(tokens or DEFAULT_TOKENS, seeds or DEFAULT_SEEDS)
    with progress_bar("runs") as advance:
        found = vary(chosen, bench, jobs or usable_processors(), advance)
    if output is not None:
        files = {"sensitivity.csv": sensitivity_csv(found), "sensitivity.md": sensitivity_page(found)}
        write_files(output, files)
    print(sensitivity_text(found, terminal_width()), end="")
