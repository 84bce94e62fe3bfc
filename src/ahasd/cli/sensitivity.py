"""``ahasd sensitivity``: which parameters flip the verdict on a claim."""

from pathlib import Path

import typer

from ahasd.claims.measuring.defaults import DEFAULT_SEEDS, DEFAULT_TOKENS
from ahasd.cli.run_options import Jobs, Seeds, Tokens
from ahasd.cli.running import EngineName, Fresh, Scheduler, StoreFile
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine


def sensitivity(
    claim: str = typer.Option(metavar="ID", help="A claim of `ahasd claims`."),
    tokens: Tokens = DEFAULT_TOKENS,
    seeds: Seeds = DEFAULT_SEEDS,
    jobs: Jobs = None,
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for sensitivity.csv and sensitivity.md."
    ),
) -> None:
    """Vary what can move a published claim, and say where it holds."""
    from ahasd.claims.ledger import claims_named
    from ahasd.claims.measuring.known_runs import KnownRuns
    from ahasd.claims.sensitivity import sensitivity as vary
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.claims.sensitivity import sensitivity_csv, sensitivity_page, sensitivity_text
    from ahasd.report.files import check_writable, write_files

    (chosen,) = claims_named([claim])
    if output is not None:
        check_writable(output)
    bench = KnownRuns(tokens, seeds)
    with running(jobs or usable_processors(), store, fresh, engine, scheduler) as by:
        found = vary(chosen, bench, by)
    if output is not None:
        files = {"sensitivity.csv": sensitivity_csv(found), "sensitivity.md": sensitivity_page(found)}
        write_files(output, files)
        say_written(*(output / name for name in files))
    show_answer(sensitivity_text(found))
