"""``ahasd sensitivity``: which parameters flip the verdict on a claim."""

from pathlib import Path

import typer

from ahasd.claims.measuring.defaults import DEFAULT_SEEDS, DEFAULT_TOKENS
from ahasd.cli.run_options import Jobs, Seeds, Tokens
from ahasd.cli.show import show


def sensitivity(
    claim: str = typer.Option(metavar="ID", help="A claim of `ahasd claims`."),
    tokens: Tokens = DEFAULT_TOKENS,
    seeds: Seeds = DEFAULT_SEEDS,
    jobs: Jobs = None,
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for sensitivity.csv and sensitivity.md."
    ),
) -> None:
    """Vary what can move a published claim, and say where it holds."""
    from ahasd.claims.ledger import claims_named
    from ahasd.claims.measuring.known_runs import KnownRuns
    from ahasd.claims.sensitivity import sensitivity as vary
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.claims.sensitivity import sensitivity_csv, sensitivity_page, sensitivity_text
    from ahasd.report.files import check_writable, write_files
    from ahasd.report.text import terminal_width

    (chosen,) = claims_named([claim])
    if output is not None:
        check_writable(output)
    bench = KnownRuns(tokens, seeds)
    with progress_bar("runs") as advance:
        found = vary(chosen, bench, jobs or usable_processors(), advance)
    if output is not None:
        files = {"sensitivity.csv": sensitivity_csv(found), "sensitivity.md": sensitivity_page(found)}
        write_files(output, files)
        say_written(*(output / name for name in files))
    show(sensitivity_text(found, terminal_width()))
