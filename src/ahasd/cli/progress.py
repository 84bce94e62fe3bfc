"""A progress bar for what takes more than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

#: Shorter work shows no bar.
PATIENCE_S = 1.0


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with (done, total); on a terminal, a bar appears once the work takes long.

    Without a call the bar shows only that something is at work and for how long.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn(unit),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(unit, total=None)
    # A timer, since work that reports nothing for a while should show a bar too.
    patience = Timer(PATIENCE_S, bar.start)
    patience.daemon = True
    patience.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        patience.cancel()
        patience.join()
        bar.stop()
