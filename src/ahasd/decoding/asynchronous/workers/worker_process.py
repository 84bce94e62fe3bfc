"""The caller's end of a worker process."""

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from ahasd.decoding.asynchronous.link.link import Link
from ahasd.decoding.asynchronous.link.messages import Failed
from ahasd.decoding.asynchronous.workers.failures import Side, WorkerError
from ahasd.decoding.asynchronous.workers.starting import start_beyond_ctrl_c
from ahasd.decoding.asynchronous.workers.worker import Worker, run_worker
from ahasd.decoding.asynchronous.workers.worker_model import WorkerModel

#: How long a worker that was told to end may take before it is killed (ours).
FAREWELL_SECONDS = 2.0


class WorkerProcess:
    """A worker and the pipe to it.

    Parameters
    ----------
    context
        Of torch.multiprocessing, spawning.
    side
        Whose worker it is.
    make
        Makes the worker, in its process.
    link
        To the other side.
    model
        What it runs.
    threads
        Of torch, in its process.
    """

    def __init__(
        self,
        context: Any,
        side: Side,
        make: Callable[[Connection, Link, WorkerModel], Worker],
        link: Link,
        model: WorkerModel,
        threads: int,
    ) -> None:
        self.side: Side = side
        self.pipe, other_end = context.Pipe()
        self._process = context.Process(
            target=run_worker,
            args=(make, other_end, link, model, threads),
            name=f"ahasd-{side}",
            daemon=True,
        )
        start_beyond_ctrl_c(self._process)
        other_end.close()
        self._began = False

    @property
    def pid(self) -> int:
        """Of the process."""
        return int(self._process.pid)

    @property
    def sentinel(self) -> int:
        """To wait for the end of the process."""
        return int(self._process.sentinel)

    @property
    def is_stopped(self) -> bool:
        """Whether the process stands still (SIGSTOP, a debugger), as far as the system tells."""
        if not hasattr(os, "waitid"):
            return False
        try:
            # Leaves the state to be asked for again, and the end of the process to multiprocessing.
            found = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False  # it has ended, and its pipe says so
        return found is not None

    def send(self, message: Any) -> None:
        """Send a message.

        Raises
        ------
        WorkerError
            If the process has ended.
        """
        try:
            self.pipe.send(message)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._ended() from error

    def receive(self) -> Any:
        """Take the next message, which is there or never comes.

        Raises
        ------
        WorkerError
            If the process has failed or ended.
        """
        try:
            message = self.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            raise self._ended() from error
        if isinstance(message, Failed):
            raise WorkerError(self.side, message.what)
        self._began = True
        return message

    def end(self, told: bool) -> None:
        """End the process: by its leave if it was told to end, else by force."""
        if told:
            self._process.join(FAREWELL_SECONDS)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()

    def _ended(self) -> WorkerError:
        self._process.join(FAREWELL_SECONDS)
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            memory = " (the system does that when memory runs out)" if name == "SIGKILL" else ""
            return WorkerError(self.side, f"was killed by {name}{memory}; the next request starts a new one")
        hint = ""
        if not self._began:
            hint = (
                ' before it was ready; a script must create the decoder below `if __name__ == "__main__":`, '
                "because the process imports the script"
            )
        return WorkerError(self.side, f"ended with exit code {code}{hint}")
