"""Saying where results were written."""

from pathlib import Path

from ahasd.cli.quiet import is_quiet
from ahasd.cli.show import show


def say_written(*paths: Path) -> None:
    """Name the files, on standard error, where they do not mix with results."""
    if not is_quiet():
        show(f"Wrote {', '.join(map(str, paths))}\n", err=True)
