"""What runs in a worker process: one side, request after request."""

import signal
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from ahasd.decoding.asynchronous.link.doorbell import Doorbell
from ahasd.decoding.asynchronous.link.link import Link, SharedBoards
from ahasd.decoding.asynchronous.link.messages import Begin, Failed, Ready
from ahasd.decoding.asynchronous.workers.worker_model import WorkerModel
from ahasd.decoding.backend import torch

#: How long a worker sleeps at most before it looks whether anyone still wants the text (ours).
PATIENCE_SECONDS = 0.5


class Worker(ABC):
    """One side in its process.

    Parameters
    ----------
    pipe
        To the caller.
    link
        To the other side.
    model
        What it runs.
    """

    def __init__(self, pipe: Connection, link: Link, model: WorkerModel) -> None:
        self.pipe, self.link = pipe, link
        self.runner, self.head = model.runner(), model.head
        self._boards: SharedBoards | None = None

    def serve(self) -> None:
        """Work until the caller says that it was all, or is gone."""
        self.pipe.send(Ready())
        try:
            while True:
                try:
                    begin: Begin | None = self.pipe.recv()
                except EOFError:
                    return
                if begin is None:
                    return
                self.runner.reset()
                self.decode(begin, self._join(begin))
        finally:
            if self._boards is not None:
                self._boards.close()

    @abstractmethod
    def decode(self, begin: Begin, boards: SharedBoards) -> None:
        """Work on one request until the text is complete or given up, and report."""

    def wait(self, doorbell: Doorbell) -> None:
        """Sleep until the other side has published, for a while at most.

        Raises
        ------
        SystemExit
            If the caller is gone.
        """
        doorbell.wait(PATIENCE_SECONDS)
        parent = parent_process()
        if parent is None or not parent.is_alive():
            raise SystemExit(1)

    def _join(self, begin: Begin) -> SharedBoards:
        if self._boards is None or self._boards.name != begin.memory:
            if self._boards is not None:
                self._boards.close()
            self._boards = SharedBoards(self.link.lock, begin.sizes, begin.memory)
        return self._boards


def run_worker(
    make: Callable[[Connection, Link, WorkerModel], Worker],
    pipe: Connection,
    link: Link,
    model: WorkerModel,
    threads: int,
) -> None:
    """Be a worker process; whatever goes wrong is told to the caller."""
    # Ctrl-C reaches the whole group; the caller decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        torch.set_num_threads(threads)
        make(pipe, link, model).serve()
    except (BrokenPipeError, ConnectionResetError):
        return  # the caller is gone, and nobody is left to tell
    except Exception as error:
        what = "ran out of memory" if isinstance(error, MemoryError | torch.OutOfMemoryError) else "failed"
        text = "".join(traceback.format_exception_only(error)).strip()
        place = "".join(traceback.format_tb(error.__traceback__)[-3:]).rstrip()
        pipe.send(Failed(f"{what}: {text}\n{place}"))
