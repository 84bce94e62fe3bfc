"""Batches on a Dask cluster: one of this machine's processes, or one that is there already."""

import logging
import time
from collections.abc import Mapping
from queue import Empty, SimpleQueue

from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster, Worker, WorkerPlugin

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Batch, Finished
from ahasd.experiments.executors.mended import Mended
from ahasd.experiments.executors.worker import take_traces, work
from ahasd.traces.rollout.rollout import RolloutTrace

#: Batches in hand for each thread of a worker: the one that it runs, and the next (ours).
IN_HAND = 2

#: Seconds to wait for a scheduler, between two looks whether it is there, and between two counts of workers (ours).
CONNECT_S, LOOK_S, COUNT_S = 15.0, 1.0, 2.0


class _TakeTraces(WorkerPlugin):  # type: ignore[misc]  # Dask has no types
    """Gives a user's traces to every worker, also to those that join later."""

    name = "ahasd-traces"

    def __init__(self, traces: Mapping[str, RolloutTrace]) -> None:
        self._traces = dict(traces)

    def setup(self, worker: Worker) -> None:
        """Keep the traces in the worker's process."""
        take_traces(self._traces)


class DaskCluster(Mended):
    """Runs batches on the workers of a Dask scheduler, which may come and go.

    Parameters
    ----------
    workers
        Processes, where there is no scheduler.
    scheduler
        Its address, such as ``tcp://10.0.0.1:8786``; its workers must have the same version of ahasd.

    Raises
    ------
    AhasdError
        The scheduler cannot be reached, or none be started.
    """

    def __init__(
        self, workers: int, traces: Mapping[str, RolloutTrace], scheduler: str | None = None
    ) -> None:
        # What matters is said by errors of ours; each of the two has a level of its own.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        self._ended_futures: SimpleQueue[Future] = SimpleQueue()
        self._where = scheduler or "of this machine"
        try:
            if scheduler is None:
                self._cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                    # Whose worker dies is tried again by us, alone.
                    scheduler_kwargs={"allowed_failures": 0},
                )
            self._client = Client(self._cluster or scheduler, timeout=CONNECT_S, set_as_default=False)
            self._client.register_plugin(_TakeTraces(traces))
        except (OSError, ValueError, RuntimeError) as error:
            self.close()
            raise AhasdError(
                f"the Dask scheduler {self._where} cannot be reached ({str(error) or type(error).__name__}): start "
                "one with `dask scheduler`, or leave --scheduler out"
            ) from error
        self._threads, self._counted = 0, 0.0
        self.workers = max(workers if scheduler is None else 1, self._count())

    def close(self) -> None:
        """Leave the cluster; one of our own ends."""
        client, self._client = self._client, None
        cluster, self._cluster = self._cluster, None
        for ours in (client, cluster):
            if ours is not None:
                try:
                    ours.close(timeout=5)
                except (OSError, TimeoutError):  # it has gone before; its processes end by themselves
                    logging.getLogger(__name__).debug("closing the Dask cluster", exc_info=True)

    def _room(self) -> int:
        return IN_HAND * max(1, self._count())

    def _count(self) -> int:
        """Threads of the workers that are there now."""
        assert self._client is not None
        if time.monotonic() - self._counted > COUNT_S:
            try:
                self._threads = sum(self._client.nthreads().values())
            except (OSError, CancelledError, ValueError) as error:
                raise self._gone() from error
            self._counted = time.monotonic()
        return self._threads

    def _submit(self, batch: Batch) -> Future:
        assert self._client is not None
        try:
            future = self._client.submit(work, batch, pure=False)
        except (OSError, CancelledError, ValueError, RuntimeError) as error:
            raise self._gone() from error
        future.add_done_callback(self._ended_futures.put)
        return future

    def _ended(self, running: Mapping[Future, Batch]) -> list[tuple[Future, Finished | None]]:
        while True:
            try:
                future = self._ended_futures.get(timeout=LOOK_S)
            except Empty:
                self._check_scheduler()
                continue
            return [(future, self._result(future))]

    def _result(self, future: Future) -> Finished | None:
        """What a batch came to; None if its worker has died, as often as the scheduler bears with it."""
        if future.status == "error":
            error = future.exception()
            if isinstance(error, KilledWorker):
                return None
            raise AhasdError(
                f"a Dask worker cannot run what it is sent ({type(error).__name__}: {error}): install the same ahasd "
                "there; what was finished is kept"
            ) from error
        if future.status == "finished":
            try:
                finished: Finished = future.result(timeout=CONNECT_S)
                return finished
            except (OSError, CancelledError, TimeoutError):
                pass  # what it came to went with its worker, or with the scheduler
        self._check_scheduler()
        return None

    def _check_scheduler(self) -> None:
        assert self._client is not None
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> AhasdError:
        return AhasdError(
            f"the Dask scheduler {self._where} has gone: what was finished is kept, and the same command goes on "
            "with another one"
        )
