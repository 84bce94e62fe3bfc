"""The executor that a user asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.experiments.executors.engine import Engine
from ahasd.experiments.executors.executor import Executor
from ahasd.experiments.executors.in_process import InProcess
from ahasd.experiments.executors.processes import Processes
from ahasd.traces.rollout.rollout import RolloutTrace


@dataclass(frozen=True, slots=True)
class Means:
    """Who computes.

    Parameters
    ----------
    workers
        Processes; one on the local engine is this process itself. With more, a script must guard its entry with
        ``if __name__ == "__main__"``, since new processes import it.
    scheduler
        Address of a Dask scheduler, whose workers are used; without one Dask gets as many processes of this machine.

    Raises
    ------
    AhasdError
        There is a scheduler for an engine that has none.
    """

    workers: int = 1
    engine: Engine = Engine.LOCAL
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.scheduler is not None and self.engine is not Engine.DASK:
            raise AhasdError(f"--scheduler {self.scheduler} is for Dask: give --engine dask, too")


def executor(means: Means, tasks: int, traces: Mapping[str, RolloutTrace]) -> Executor:
    """Start an executor.

    Parameters
    ----------
    tasks
        To be run; a worker for more than one of them is of no use.
    traces
        From a user's files, by their hash; every worker gets them once.

    Raises
    ------
    AhasdError
        It is not installed, or cannot be started or reached.
    """
    workers = max(1, min(means.workers, tasks))
    if means.engine is Engine.DASK:
        try:
            from ahasd.experiments.executors.dask_cluster import DaskCluster
        except ModuleNotFoundError as error:
            raise AhasdError(
                f"the engine dask needs a package that is not installed ({error.name}): pip install "
                "'ahasd[dask]', or use --engine local"
            ) from error
        return DaskCluster(workers, traces, means.scheduler)
    return Processes(workers, traces) if workers > 1 else InProcess(traces)
