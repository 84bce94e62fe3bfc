"""Asynchronous runs whose text tells what happened to it."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.speculation.asynchronous import Asynchronous
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.options.schedules import AsynchronousOptions
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftChain, TraceWalk

from .settings import Setting


@dataclass(frozen=True)
class Turn:
    """The text leaves a chain: when, after how many accepted tokens, and whether a draft was rejected there."""

    time: int
    chain: DraftChain
    accepted: int
    rejected: bool
    following: DraftChain


class WatchedText(Text):
    """A text that keeps a record of what happens to it."""

    def __init__(self, walk: TraceWalk, ledger: TokenLedger) -> None:
        super().__init__(walk, ledger)
        self.first = self.chain
        self.emissions: list[tuple[int, int]] = []
        self.turns: list[Turn] = []
        self.steps: list[tuple[DraftChain, ModelStep]] = []

    def drafted(self, chain: DraftChain, task: ModelStep) -> None:
        self.steps.append((chain, task))
        super().drafted(chain, task)

    def accept(self, until: int, now: int) -> int:
        count = super().accept(until, now)
        if count:
            self.emissions.append((now, count))
        return count

    def reject(self, now: int) -> None:
        self._leave(super().reject, now, rejected=True)

    def bonus(self, now: int) -> None:
        self._leave(super().bonus, now, rejected=False)

    def _leave(self, leave: Callable[[int], None], now: int, rejected: bool) -> None:
        chain, accepted = self.chain, self.verified
        leave(now)
        self.emissions.append((now, 1))
        self.turns.append(Turn(now, chain, accepted, rejected, self.chain))


class WatchedSchedule(Asynchronous):
    """An asynchronous schedule that keeps its text."""

    text: WatchedText

    def begin_text(self, walk: TraceWalk, ledger: TokenLedger) -> WatchedText:
        self.text = WatchedText(walk, ledger)
        return self.text


@dataclass(frozen=True)
class Watched:
    """An asynchronous run and the record of its text."""

    outcome: SpeculationOutcome
    text: WatchedText

    def steps(self, track: str) -> list[tuple[str, int, int, int, int]]:
        """Kind, start, end, width, context of the tasks of a device."""
        tasks = [task for task in self.outcome.timeline.tasks if task.track == track]
        return [(task.kind, task.start, task.end, task.width, task.context) for task in tasks]

    def fates(self, track: str) -> list[str]:
        """Fates of the tasks of a device."""
        return [str(task.fate) for task in self.outcome.timeline.tasks if task.track == track]

    @property
    def emissions(self) -> list[tuple[int, int]]:
        """Tokens emitted at each picosecond at which any were."""
        sums: dict[int, int] = {}
        for time, count in self.text.emissions:
            sums[time] = sums.get(time, 0) + count
        return list(sums.items())


def watch(
    setting: Setting,
    trace: RolloutTrace,
    tokens: int,
    policy: DraftingPolicy | int = 2,
    seed: int = 0,
) -> Watched:
    """Run an asynchronous system over the recorded coins of a trace; a number is a fixed draft length."""
    walk = TraceWalk(trace, seed, "recorded")
    rule = FixedLength(policy) if isinstance(policy, int) else policy
    assert isinstance(setting.system, AsynchronousOptions)
    schedule = WatchedSchedule(setting.machine, setting.system)
    outcome = schedule.run(walk, rule, tokens)
    outcome.ledger.check()
    return Watched(outcome, schedule.text)
