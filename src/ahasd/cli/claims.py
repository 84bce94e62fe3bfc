"""``ahasd claims``: the ledger of published claims."""

from pathlib import Path

import typer


def claims(
    only: str | None = typer.Option(None, metavar="ID,…", help="Claims to measure, separated by commas."),
    quick: bool = typer.Option(False, help="Only those that need few runs."),
    tokens: int | None = typer.Option(None, min=1, show_default="1024", help="Tokens of every run"),
    seeds: int | None = typer.Option(None, min=1, show_default="5", help="Runs of each configuration"),
    jobs: int | None = typer.Option(None, min=1, show_default="one per processor", help="Processes"),
    json_: bool = typer.Option(False, "--json", help="Print the ledger as JSON."),
    output: Path | None = typer.Option(None, metavar="FILE", help="Write it: Markdown, or JSON as .json."),
) -> None:
    """Say of each published claim whether our models support it, and under which assumption."""
    from ahasd.claims.findings import examine
    from ahasd.claims.ledger import all_claims, claims_named
    from ahasd.claims.measuring.known_runs import DEFAULT_SEEDS, DEFAULT_TOKENS, KnownRuns
    from ahasd.cli.progress import progress_bar
    from ahasd.errors import AhasdError
    from ahasd.processors import usable_processors
    from ahasd.report.claims.json import ledger_json
    from ahasd.report.claims.ledger import ledger_page, ledger_text
    from ahasd.report.files import check_file_writable, to_json, write_files
    from ahasd.report.text import terminal_width

    named = [name.strip() for name in only.split(",") if name.strip()] if only is not None else None
    if named == []:
        raise AhasdError("--only names no claim; `ahasd claims --quick` lists some, docs/claims.md all")
    chosen = all_claims() if named is None else claims_named(named)
    if quick:
        chosen = [claim for claim in chosen if claim.quick or claim.measurement is None]
    if output is not None:
        check_file_writable(output)
    bench = KnownRuns(tokens or DEFAULT_TOKENS, seeds or DEFAULT_SEEDS)
    with progress_bar("runs") as advance:
        findings = examine(chosen, bench, jobs or usable_processors(), advance)
    document = to_json(ledger_json(findings, bench))
    if output is not None:
        as_json = output.suffix == ".json"
        write_files(output.parent, {output.name: document if as_json else ledger_page(findings, bench)})
    print(document if json_ else ledger_text(findings, terminal_width()), end="")
