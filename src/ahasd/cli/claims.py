"""``ahasd claims``: the ledger of published claims."""

from pathlib import Path

import typer

from ahasd.claims.measuring.defaults import DEFAULT_SEEDS, DEFAULT_TOKENS
from ahasd.cli.run_options import Jobs, Seeds, Tokens
from ahasd.cli.running import EngineName, Fresh, Scheduler, StoreFile
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine


def claims(
    only: str | None = typer.Option(None, metavar="ID,…", help="Claims to measure, separated by commas."),
    quick: bool = typer.Option(False, help="Only those that need few runs."),
    tokens: Tokens = DEFAULT_TOKENS,
    seeds: Seeds = DEFAULT_SEEDS,
    jobs: Jobs = None,
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
    json_: bool = typer.Option(False, "--json", help="Print the ledger as JSON."),
    output: Path | None = typer.Option(
        None, "--output", "-o", metavar="FILE", help="Write it: Markdown, or JSON as .json."
    ),
) -> None:
    """Say of each published claim whether our models support it, and under which assumption."""
    from ahasd.claims.findings import examine
    from ahasd.claims.ledger import all_claims, claims_named
    from ahasd.claims.measuring.known_runs import KnownRuns
    from ahasd.cli.comma_lists import split_names
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.claims.json import ledger_json
    from ahasd.report.claims.ledger import ledger_page, ledger_text
    from ahasd.report.files import check_file_writable, to_json, write_files

    chosen = all_claims() if only is None else claims_named(split_names("--only", only))
    if quick:
        chosen = [claim for claim in chosen if claim.quick or claim.measurement is None]
    if output is not None:
        check_file_writable(output)
    bench = KnownRuns(tokens, seeds)
    with running(jobs or usable_processors(), store, fresh, engine, scheduler) as by:
        findings = examine(chosen, bench, by)
    document = to_json(ledger_json(findings, bench))
    if output is not None:
        as_json = output.suffix == ".json"
        write_files(output.parent, {output.name: document if as_json else ledger_page(findings, bench)})
        say_written(output)
    show_answer(document if json_ else ledger_text(findings), data=json_)
