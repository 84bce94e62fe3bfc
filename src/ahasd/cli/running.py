"""What commands of many runs share: where runs are kept, who computes them, and what is said of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ahasd.cli.progress import progress_bar
from ahasd.cli.show import show
from ahasd.experiments.executors.engine import Engine

if TYPE_CHECKING:
    from ahasd.experiments.carry_out import Running

StoreFile = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        show_default="$AHASD_STORE, or a file in the user's cache folder",
        help="Where finished runs are kept, for every command: what is there is not run again.",
    ),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run anew what the store has.")]
EngineName = Annotated[Engine, typer.Option("--engine", help="Who runs: processes of this machine, or Dask.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        show_default="processes of this machine",
        help="Of a Dask cluster, with --engine dask.",
    ),
]


@contextmanager
def running(
    workers: int, store: Path | None, fresh: bool, engine: Engine, scheduler: str | None, unit: str = "runs"
) -> Iterator["Running"]:
    """Open the store and show progress; whoever is interrupted is told what is kept."""
    from ahasd.errors import AhasdError
    from ahasd.experiments.carry_out import Running
    from ahasd.experiments.executors.choose import Means
    from ahasd.experiments.store.location import default_store
    from ahasd.experiments.store.store import Store

    means = Means(workers, engine, scheduler)
    path = default_store() if store is None else store
    done, total = 0, 0
    with Store(path) as kept:
        try:
            with progress_bar(unit) as advance:

                def progress(now: int, of: int) -> None:
                    nonlocal done, total
                    done, total = now, of
                    advance(now, of)

                yield Running(kept, means, fresh, progress, lambda text: show(f"{text}.\n", err=True))
        except (KeyboardInterrupt, AhasdError):
            if done < total:
                again = "the same command without --fresh" if fresh else "the same command"
                show(
                    f"{done} of {total} {unit} are kept in '{path}': {again} goes on from there.\n", err=True
                )
            raise
