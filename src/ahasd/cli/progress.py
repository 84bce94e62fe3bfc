"""A progress bar for what takes more than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

#: Shorter work shows no bar.
PATIENCE_S = 1.0


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with (done, total); the bar appears on standard error once it takes long."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn(unit),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    task = bar.add_task(unit, total=None)
    began, shown = monotonic(), False

    def advance(done: int, total: int) -> None:
        nonlocal shown
        if not shown and monotonic() - began > PATIENCE_S:
            bar.start()
            shown = True
        bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        if shown:
            bar.stop()
