"""Who works on the shared memory at the moment, and how fast that lets each side go."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.simulation.engine import Engine, to_picoseconds
from ahasd.simulation.progress import Progress
from ahasd.simulation.timeline import Task
from ahasd.speculation.machine import Machine


@dataclass(slots=True, eq=False)
class Running:
    """A task under way.

    Attributes
    ----------
    task
        What it is, for the timeline.
    work
        Picoseconds that it takes undisturbed.
    progress
        How far it is.
    on_target_ranks
        Whether it computes in the ranks that hold the target (a pre-verification).
    follows
        The pass of the NPU behind which it must stay, layer by layer; None if it may run as it likes.
    """

    task: Task
    work: int
    progress: Progress
    on_target_ranks: bool = False
    follows: "Running | None" = None


class Contention:
    """The meeting place of the NPU's pass and the PIM's step.

    While both run, each goes at the speed that the other leaves it; alone each runs undisturbed. In this order:

    1. A pre-verification computes in the ranks from which the NPU streams. A rank serves the NPU or computes, so the
       stream stands still meanwhile (``ideal_rank_sharing`` removes that).
    2. Otherwise they share ranks or buses as :meth:`~ahasd.speculation.machine.Machine.speeds` says.

    A pre-verification that follows the pass stays one layer behind it: it uses KV entries that the pass writes.
    """

    def __init__(self, engine: Engine, machine: Machine) -> None:
        self._engine, self._machine = engine, machine
        self._ideal_ranks = machine.system.ideal_rank_sharing
        self._npu: Running | None = None
        self._pim: Running | None = None
        self._held_back: Callable[[], None] | None = None
        self._settled = True
        self._version = 0

    def start_pass(self, task: Task, ended: Callable[[], None], priority: int) -> Running:
        """Start a pass of the NPU."""
        running = self._new(task, lambda: self._end_pass(ended), priority)
        self._npu = running
        self._update()
        return running

    def start_step(
        self,
        task: Task,
        ended: Callable[[], None],
        on_target_ranks: bool = False,
        follows: Running | None = None,
    ) -> Running:
        """Start a step of the PIM."""
        running = self._new(task, lambda: self._end_step(ended), 0)
        running.on_target_ranks, running.follows = on_target_ranks, follows
        self._pim = running
        self._update()
        return running

    def abort_pass(self) -> None:
        """Stop the running pass where it is."""
        assert self._npu is not None, "no pass runs"
        self._npu.progress.cancel()
        self._cut_off(self._npu)
        self._npu = None
        self._update()

    def close(self) -> None:
        """The run is over: what is under way ends here, part done."""
        for running in (self._npu, self._pim):
            if running is not None:
                self._cut_off(running)

    def _new(self, task: Task, done: Callable[[], None], priority: int) -> Running:
        work = to_picoseconds(task.cost.seconds)
        return Running(task, work, Progress(self._engine, work, done, priority))

    def _end_pass(self, ended: Callable[[], None]) -> None:
        assert self._npu is not None
        self._book(self._npu, self._npu.work)
        self._npu, self._settled = None, False
        ended()
        if self._held_back is not None:
            held_back, self._held_back = self._held_back, None
            self._end_step(held_back)
        self._settle()

    def _end_step(self, ended: Callable[[], None]) -> None:
        assert self._pim is not None
        if self._npu is not None and self._pim.follows is self._npu:
            # Less than a picosecond behind: it ends when the pass has.
            self._held_back = ended
            return
        self._book(self._pim, self._pim.work)
        self._pim, self._settled = None, False
        ended()
        self._settle()

    def _settle(self) -> None:
        """Give the side that is left its speed, unless what followed has done so already."""
        if not self._settled:
            self._update()

    def _book(self, running: Running, work: float) -> None:
        """Set when a task ended; what it took beyond its work it stood waiting for the other side."""
        task = running.task
        task.end = self._engine.now
        task.blocked += max(0, round(task.end - task.start - work))

    def _cut_off(self, running: Running) -> None:
        done = running.progress.share_done
        self._book(running, done * running.work)
        running.task.done = done

    def _update(self) -> None:
        self._settled = True
        self._version += 1
        npu, pim = self._npu, self._pim
        if npu is None or pim is None:
            alone = npu or pim
            if alone is not None:
                alone.progress.go(1.0)
            return
        stream, step = self._speeds(npu, pim)
        npu.progress.go(stream)
        pim.progress.go(step)

    def _speeds(self, npu: Running, pim: Running) -> tuple[float, float]:
        if pim.follows is npu:
            return self._following(npu, pim)
        if pim.on_target_ranks and not self._ideal_ranks:
            return 0.0, 1.0
        return self._machine.speeds(npu.task.cost, pim.task.cost)

    def _following(self, npu: Running, pim: Running) -> tuple[float, float]:
        """Catch up with the pass to one layer behind it, then stay there."""
        within = 1.0 - 1.0 / self._machine.target_layers
        if self._ideal_ranks:
            stream, step = self._machine.speeds(npu.task.cost, pim.task.cost)
        else:
            stream, step = 0.0, 1.0
        behind = npu.progress.share_done * within - pim.progress.share_done
        if behind > 0:
            closing = step / pim.work - within * stream / npu.work
            if closing <= 0:
                return stream, step  # it never catches up
            if behind / closing >= 1:
                self._look_again(int(behind / closing))
                return stream, step
        if self._ideal_ranks:
            return stream, min(step, stream * pim.work * within / npu.work)
        # The ranks serve a layer of the pass, then a layer of the pre-verification.
        both = npu.work + pim.work * within
        return npu.work / both, pim.work * within / both

    def _look_again(self, delay: int) -> None:
        version = self._version
        self._engine.after(delay, lambda: self._update() if version == self._version else None)
