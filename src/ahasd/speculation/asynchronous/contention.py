"""Who works on the shared memory at the moment, and how fast that lets each side go."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.simulation.engine import Engine, to_picoseconds
from ahasd.simulation.progress import Progress
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import ModelStep


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
        The pass of the verifier behind which it must stay, layer by layer; None if it may run as it likes.
    """

    task: ModelStep
    work: int
    progress: Progress
    on_target_ranks: bool = False
    follows: "Running | None" = None


class Contention:
    """The meeting place of the verifier's pass and the drafter's step.

    While both run, each goes at the speed that the other leaves it; alone each runs undisturbed. In this order:

    1. A pre-verification computes in the ranks from which the verifier streams. A rank serves the stream or computes,
       so the stream stands still meanwhile (``ideal_rank_sharing`` removes that).
    2. Otherwise they share ranks or buses as :meth:`~ahasd.speculation.machine.Conflicts.speeds` says.

    A pre-verification that follows the pass stays one layer behind it: it uses KV entries that the pass writes.
    """

    def __init__(self, engine: Engine, machine: Machine) -> None:
        self._engine, self._layers = engine, machine.target_layers
        self._conflicts = machine.conflicts
        self._verifier: Running | None = None
        self._drafter: Running | None = None
        self._held_back: Callable[[], None] | None = None
        self._settled = True
        self._version = 0

    def start_pass(self, task: ModelStep, ended: Callable[[], None], priority: int) -> Running:
        """Start a pass of the verifier."""
        running = self._new(task, lambda: self._end_pass(ended), priority)
        self._verifier = running
        self._update()
        return running

    def start_step(
        self,
        task: ModelStep,
        ended: Callable[[], None],
        on_target_ranks: bool = False,
        follows: Running | None = None,
    ) -> Running:
        """Start a step of the drafter."""
        running = self._new(task, lambda: self._end_step(ended), 0)
        running.on_target_ranks, running.follows = on_target_ranks, follows
        self._drafter = running
        self._update()
        return running

    def abort_pass(self) -> None:
        """Stop the running pass where it is."""
        assert self._verifier is not None, "no pass runs"
        self._verifier.progress.cancel()
        self._cut_off(self._verifier)
        self._verifier = None
        self._update()

    def close(self) -> None:
        """The run is over: what is under way ends here, part done."""
        for running in (self._verifier, self._drafter):
            if running is not None:
                self._cut_off(running)

    def _new(self, task: ModelStep, done: Callable[[], None], priority: int) -> Running:
        work = to_picoseconds(task.cost.seconds)
        return Running(task, work, Progress(self._engine, work, done, priority))

    def _end_pass(self, ended: Callable[[], None]) -> None:
        assert self._verifier is not None
        self._book(self._verifier, self._verifier.work)
        self._verifier, self._settled = None, False
        ended()
        if self._held_back is not None:
            held_back, self._held_back = self._held_back, None
            self._end_step(held_back)
        self._settle()

    def _end_step(self, ended: Callable[[], None]) -> None:
        assert self._drafter is not None
        if self._verifier is not None and self._drafter.follows is self._verifier:
            # Less than a picosecond behind: it ends when the pass has.
            self._held_back = ended
            return
        self._book(self._drafter, self._drafter.work)
        self._drafter, self._settled = None, False
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
        verifier, drafter = self._verifier, self._drafter
        if verifier is None or drafter is None:
            alone = verifier or drafter
            if alone is not None:
                alone.progress.go(1.0)
            return
        stream, step = self._speeds(verifier, drafter)
        verifier.progress.go(stream)
        drafter.progress.go(step)

    def _speeds(self, verifier: Running, drafter: Running) -> tuple[float, float]:
        if drafter.follows is verifier:
            return self._following(verifier, drafter)
        if drafter.on_target_ranks and self._conflicts.stops_stream:
            return 0.0, 1.0
        return self._conflicts.speeds(verifier.task.cost, drafter.task.cost)

    def _following(self, verifier: Running, drafter: Running) -> tuple[float, float]:
        """Catch up with the pass to one layer behind it, then stay there."""
        within = 1.0 - 1.0 / self._layers
        if not self._conflicts.stops_stream:
            stream, step = self._conflicts.speeds(verifier.task.cost, drafter.task.cost)
        else:
            stream, step = 0.0, 1.0
        behind = verifier.progress.share_done * within - drafter.progress.share_done
        if behind > 0:
            closing = step / drafter.work - within * stream / verifier.work
            if closing <= 0:
                return stream, step  # it never catches up
            if behind / closing >= 1:
                self._look_again(int(behind / closing))
                return stream, step
        if not self._conflicts.stops_stream:
            return stream, min(step, stream * drafter.work * within / verifier.work)
        # The ranks serve a layer of the pass, then a layer of the pre-verification.
        both = verifier.work + drafter.work * within
        return verifier.work / both, drafter.work * within / both

    def _look_again(self, delay: int) -> None:
        version = self._version
        self._engine.after(delay, lambda: self._update() if version == self._version else None)
