"""Saying where results were written."""

from pathlib import Path

import typer

from ahasd.cli.quiet import is_quiet


def say_written(*paths: Path) -> None:
    """Name the files, on standard error, where they do not mix with results."""
    if not is_quiet():
        typer.echo(f"Wrote {', '.join(map(str, paths))}", err=True)
