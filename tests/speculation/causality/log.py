"""A log of what happens in an asynchronous run, written where things happen and not where they are explained."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from ahasd.simulation.progress import Progress
from ahasd.simulation.queues import BoundedQueue
from ahasd.speculation.asynchronous.contention import Contention, Running
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.schedule import Outcome
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftChain


class _SeenProgress(Progress):
    __slots__ = ("speeds",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.speeds: list[tuple[int, float]] = []

    def go(self, speed: float) -> None:
        self.speeds.append((self._engine.now, speed))
        super().go(speed)


class Log:
    """What happens in the run under way: tuples of a name, the picosecond, and what it is about."""

    events: list[tuple[Any, ...]]
    now: int

    @classmethod
    def note(cls, what: str, now: int, *about: Any) -> None:
        cls.now = now
        cls.events.append((what, now, *about))


class _SeenContention(Contention):
    _follows: Running | None = None

    def start_pass(self, task: ModelStep, ended: Callable[[], None], priority: int) -> Running:
        return super().start_pass(task, self._noted(task, ended), priority)

    def start_step(
        self,
        task: ModelStep,
        ended: Callable[[], None],
        on_target_ranks: bool = False,
        follows: Running | None = None,
    ) -> Running:
        self._follows = follows
        return super().start_step(task, self._noted(task, ended), on_target_ranks, follows)

    def abort_pass(self) -> None:
        assert self._verifier is not None
        Log.note("abort", self._engine.now, self._verifier.task)
        super().abort_pass()

    def _noted(self, task: ModelStep, ended: Callable[[], None]) -> Callable[[], None]:
        def noted() -> None:
            Log.note("end", self._engine.now, task)
            ended()

        return noted

    def _new(self, task: ModelStep, done: Callable[[], None], priority: int) -> Running:
        running = super()._new(task, done, priority)
        follows, self._follows = self._follows, None
        assert isinstance(running.progress, _SeenProgress)
        followed = None if follows is None else follows.task
        Log.note("begin", self._engine.now, task, running.progress.speeds, running.work, followed)
        return running


class _SeenText(Text):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        Log.note("start", 0, self.chain)

    def drafted(self, chain: DraftChain, task: ModelStep) -> None:
        Log.note("drafted", Log.now, chain, task)
        super().drafted(chain, task)

    def accept(self, until: int, now: int) -> int:
        Log.note("accept", now, self.chain, self.verified, until)
        return super().accept(until, now)

    def reject(self, now: int) -> None:
        chain, verified = self.chain, self.verified
        super().reject(now)
        Log.note("own", now, chain, verified, True, self.chain)

    def bonus(self, now: int) -> None:
        chain, verified = self.chain, self.verified
        super().bonus(now)
        Log.note("own", now, chain, verified, False, self.chain)


class _SeenQueue(BoundedQueue[Any]):
    def push(self, entry: Any, time_ps: int) -> None:
        Log.note("push", time_ps, self.name, entry)
        super().push(entry, time_ps)

    def pop(self, time_ps: int) -> Any:
        entry = super().pop(time_ps)
        Log.note("pop", time_ps, self.name, entry)
        return entry


class _SeenLedger(TokenLedger):
    def emit(self, accepted: int, own: int, now: int) -> None:
        Log.note("emit", now, accepted, own)
        super().emit(accepted, own, now)


@contextmanager
def observed() -> Iterator[None]:
    room = "ahasd.speculation."
    with ExitStack() as stack:
        for name, seen in (
            ("asynchronous.contention.Progress", _SeenProgress),
            ("asynchronous.shared.Contention", _SeenContention),
            ("asynchronous.shared.BoundedQueue", _SeenQueue),
            ("asynchronous.schedule.Text", _SeenText),
            ("pearl.Contention", _SeenContention),
            ("pearl.TokenLedger", _SeenLedger),
        ):
            stack.enter_context(mock.patch(room + name, seen))
        yield


@dataclass(frozen=True)
class Played:
    """A random schedule that was run."""

    number: int
    setting: Any
    trace: RolloutTrace
    tokens: int
    events: list[tuple[Any, ...]]
    outcome: Outcome
