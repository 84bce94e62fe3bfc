"""Printing a first screen: with colours on a terminal that has them, and plain anywhere else."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ahasd.cli.show import show
from ahasd.plain_text import printable

if TYPE_CHECKING:
    from ahasd.report.screen.lines import Line, Terminal


def terminal() -> "Terminal":
    """What stdout is."""
    from ahasd.report.screen.lines import terminal_of

    return terminal_of(getattr(sys.stdout, "encoding", None))


def show_screen(lines: "Sequence[Line]") -> None:
    """Print lines; colours only where stdout is a terminal and nobody has asked for none (``NO_COLOR``)."""
    from ahasd.report.screen.lines import plain

    if not _has_colours():
        show("".join(f"{plain(line).rstrip()}\n" for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        # What others wrote is escaped before colours come, so that only these steer the terminal.
        parts = [(printable(span.text), span.style) for span in line]
        console.print(Text.assemble(*parts))


def _has_colours() -> bool:
    stream = sys.stdout
    return (
        stream is not None
        and stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in ("dumb", "unknown")
    )
