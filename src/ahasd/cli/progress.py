"""A progress bar for what takes more than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from ahasd.cli.quiet import is_quiet

if TYPE_CHECKING:
    from rich.progress import Progress

#: Shorter work shows no bar.
PATIENCE_S = 1.0


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with (done, total); on a terminal, a bar appears once the work takes long.

    Without a call the bar shows only that something is at work and for how long.
    """
    bar = _LateBar(unit)
    # A timer, since work that reports nothing for a while should show a bar too.
    patience = Timer(PATIENCE_S, bar.start)
    patience.daemon = True
    patience.start()
    try:
        yield bar.advance
    finally:
        patience.cancel()
        patience.join()
        bar.stop()


class _LateBar:
    """A bar that is made when it is to appear: short work does not wait for rich."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._done, self._total = 0, 0
        self._bar: Progress | None = None

    def start(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        left = TextColumn("left"), TimeRemainingColumn()
        columns = TextColumn(self._unit), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), *left
        bar = Progress(
            *columns, console=console, transient=True, disable=is_quiet() or not console.is_terminal
        )
        bar.add_task(self._unit, total=None)
        self._bar = bar
        self._show()  # what was done meanwhile
        bar.start()

    def advance(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._show()

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done, total=self._total or None)
