"""PEARL's rounds replayed from their events: no token, entry or verdict is used before it exists."""

from bisect import bisect_right
from typing import Any

from ahasd.speculation.model_step import ModelStep

from .checker import PROMPT, require
from .log import Played


class PearlReplay:
    """Knows the trace, the machine's latencies and the events, nothing of the schedule."""

    def __init__(self, played: Played, row: int) -> None:
        self.messages = played.setting.machine.messages
        self.coins, self.starts = played.trace.accepted.tolist(), played.trace.prompt_start.tolist()
        self.row, self.step = row, 0  # where in the trace the text's next token stands
        self.emitted = 0
        self.pending: list[int] = []  # when the drafted tokens behind the text were there
        self.known = 0  # since when the drafter knows what it goes on from
        self.entries = PROMPT - 1  # of the target's cache, those of the text
        self.running: dict[str, ModelStep] = {}
        self.judging: tuple[int, int] | None = None  # width and end of the pass without a verdict

    def check(self, events: list[tuple[Any, ...]]) -> None:
        for what, now, *about in events:
            getattr(self, f"_{what}")(now, *about)

    def _visible(self, time: int) -> int:
        interval, arrives = self.messages.polling_ps, time + self.messages.transfer_ps
        return int(arrives if not interval else (arrives + interval - 1) // interval * interval)

    def _begin(self, now: int, task: ModelStep, *_: Any) -> None:
        require(task.track not in self.running, "two things at once", task)
        require(task.start == now, "a task begins now", task)
        self.running[task.track] = task
        if task.kind == "draft":
            require(now >= self.known, "drafted from text that the drafter does not know", task)
            following = PROMPT + self.emitted + len(self.pending)
            require((task.context, task.width) == (following - 1, 1), "not the next token", task)
        else:
            require(self.judging is None, "a pass before the verdict of the one before it", task)
            there = sum(self._visible(time) <= now for time in self.pending)
            require(task.context == PROMPT + self.emitted - 1, "a pass feeds the last token first", task)
            require(task.context == self.entries, "an entry that does not exist", task)
            require(task.width - 1 <= there, "a token before the target can know it", task)

    def _end(self, now: int, task: ModelStep) -> None:
        require(self.running.pop(task.track) is task, "ends what runs", task)
        if task.kind == "draft":
            self.pending.append(now)
        else:
            self.judging = task.width, now

    def _emit(self, now: int, accepted: int, own: int) -> None:
        require(self.judging is not None, "a verdict without a pass")
        assert self.judging is not None
        (width, ended), self.judging = self.judging, None
        judged = self.pending[: accepted + own]
        require(now >= self._visible(ended), "a verdict before it has arrived", now, ended)
        require(accepted + own <= width, "a verdict without logits", accepted, own, width)
        require(len(judged) == accepted + own, "a verdict on a token that is not there", accepted, own)
        require(all(now >= self._visible(time) for time in judged), "a token that has not arrived", judged)
        for coin in [1] * accepted + [0] * own:
            require(self.coins[self.row][self.step] == coin, "not the trace's verdict", self.row, self.step)
            last = self.step + 1 == len(self.coins[0])
            self.row, self.step = (self.row, self.step + 1) if coin and not last else (self._after(), 0)
        self.emitted += accepted + own
        self.entries += (
            accepted + own
        )  # as many were fed: the last token and those that are accepted, but for the last
        self.pending = [] if own else self.pending[accepted:]
        self.known = now

    def _after(self) -> int:
        """The row after this one's tokens and the present one; behind a prompt lies the next one."""
        end, row = self.starts[bisect_right(self.starts, self.row)], self.row + self.step + 1
        return int(row if row < end else end % self.starts[-1])
