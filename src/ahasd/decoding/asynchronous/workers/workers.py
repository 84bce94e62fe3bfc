"""Both worker processes and what joins them: started, watched and ended together."""

import os
from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import Any

from ahasd.decoding.asynchronous.link.link import BoardSizes, Link, SharedBoards
from ahasd.decoding.asynchronous.link.messages import Ready
from ahasd.decoding.asynchronous.workers.draft_worker import DraftWorker
from ahasd.decoding.asynchronous.workers.failures import WorkerError
from ahasd.decoding.asynchronous.workers.target_worker import TargetWorker
from ahasd.decoding.asynchronous.workers.worker_model import WorkerModel
from ahasd.decoding.asynchronous.workers.worker_process import WorkerProcess
from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

#: After so long without a message the caller looks whether a process was stopped; one that still is the next time is
#: given up. (Ctrl-Z stops the caller too, and all go on at once.) Ours.
SILENCE_SECONDS = 1.0


class Workers:
    """A pair of workers.

    If one dies, `messages` raises; then nothing is left but `end`, and a new pair.

    Parameters
    ----------
    target, draft
        What they run.
    threads
        Of torch, in each process.

    Attributes
    ----------
    ended
        Whether `end` was called.
    """

    def __init__(self, target: WorkerModel, draft: WorkerModel, threads: int) -> None:
        context = torch.multiprocessing.get_context("spawn")
        self.link = Link(context)
        self.ended = False
        self._process = os.getpid()
        self._boards: SharedBoards | None = None
        self.target = WorkerProcess(context, "target", TargetWorker, self.link, target, threads)
        try:
            self.draft = WorkerProcess(context, "draft", DraftWorker, self.link, draft, threads)
        except BaseException:
            self.target.end(told=False)
            raise

    @property
    def both(self) -> tuple[WorkerProcess, WorkerProcess]:
        """Target and draft."""
        return self.target, self.draft

    def wait_until_ready(self) -> None:
        """Wait until both have their model (seconds, the first time).

        Raises
        ------
        WorkerError
            If one cannot be started.
        """
        awaited = set(self.both)
        for worker, message in self.messages():
            assert isinstance(message, Ready)
            awaited.discard(worker)
            if not awaited:
                break

    def boards(self, sizes: BoardSizes) -> SharedBoards:
        """Give shared memory of at least these sizes; it grows by being made anew."""
        held = self._boards
        if held is None or not held.sizes.hold(sizes):
            if held is not None:
                held.close()
            self._boards = held = SharedBoards(self.link.lock, sizes)
        return held

    def send(self, message: Any) -> None:
        """Send both a message."""
        self.check_process()
        for worker in self.both:
            worker.send(message)

    def messages(self) -> Iterator[tuple[WorkerProcess, Any]]:
        """Yield what they send, as it comes.

        Raises
        ------
        WorkerError
            If one has failed or ended, or stands still.
        AhasdError
            If `end` was called.
        """
        stood_still: list[WorkerProcess] = []
        while not self.ended:
            self.check_process()
            # A pipe whose other end is gone counts as ready, so the death of a process wakes this at once.
            ready = wait([self.target.pipe, self.draft.pipe], SILENCE_SECONDS)
            for worker in self.both:
                if worker.pipe in ready and not self.ended:
                    yield worker, worker.receive()
            stands_still = [] if ready else [worker for worker in self.both if worker.is_stopped]
            for worker in stands_still:
                if worker in stood_still:
                    raise WorkerError(
                        worker.side, "was stopped (SIGSTOP or a debugger); the next request starts a new one"
                    )
            stood_still = stands_still
        raise AhasdError("the decoder was closed in the middle of a text; make a new one")

    def check_process(self) -> None:
        """See that this is the process that started the workers, and no fork of it.

        Raises
        ------
        AhasdError
            It is a fork. Both would read the same pipes, and each wait for what the other has taken.
        """
        if self._process != os.getpid():
            raise AhasdError(
                f"an asynchronous decoder of process {self._process} cannot be used in its fork {os.getpid()}; make "
                "one there, or start processes by spawning"
            )

    def end(self, by_force: bool = False) -> None:
        """End both processes and give the memory back; in a fork of this process, which has neither, do nothing."""
        self.ended = True
        if self._process != os.getpid():
            return
        told = not by_force
        if told:
            try:
                self.send(None)
            except WorkerError:
                told = False  # one is gone already; the other need not be asked
        for worker in self.both:
            worker.end(told)
        if self._boards is not None:
            self._boards.close()
            self._boards = None
