"""Random schedules replayed from a log of events: nothing is emitted twice or skipped, or used before it exists.

The checker knows the trace, the options and the events (`log.py`), nothing of the code that it checks. A token
is told by where it comes from, ``(chain, offset)`` for a drafted one, which also says what stands before it; so an
entry of a key-value cache is the token that it was made from, and one that was flushed never fits again.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ahasd.speculation.model_step import ModelStep

PROMPT = 8
"""Tokens of the prompt; views of the text below begin with its last one, whose entries are missing at first."""

Token = tuple[str | int, int]
PROMPT_END: Token = ("prompt", 0)


class ViolationError(AssertionError):
    """Something happened that cannot happen."""


def require(holds: bool, what: str, *about: Any) -> None:
    if not holds:
        raise ViolationError(f"{what}: {about}" if about else what)


def progress(speeds: list[tuple[int, float]], until: int) -> float:
    """Work done by a time, from the speeds and when they were set."""
    ends = [time for time, _ in speeds[1:]] + [until]
    return sum(
        max(0, min(end, until) - start) * speed
        for (start, speed), end in zip(speeds, ends, strict=True)
        if start < until
    )


@dataclass
class Chain:
    """A draft chain as the trace has it: where it starts and what was drafted on it."""

    row: int
    base: int
    known: int
    drafts: list[ModelStep] = field(default_factory=list)
    batched: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Step:
    """A task under way: what it uses, what it feeds, how far it is."""

    task: ModelStep
    start: int
    speeds: list[tuple[int, float]]
    work: int
    fed: list[Token]
    verdicts: int = 0
    followed: "Step | None" = None
    ended: bool = False
    aborted: bool = False


class Checker:
    """Replays the events of a run and raises `ViolationError` at the first that cannot be."""

    def __init__(self, played: Any) -> None:
        self.played = played
        trace = played.trace
        self.machine, self.system = played.setting.machine, played.setting.system
        self.coins = trace.accepted.tolist()
        self.steps, self.starts = trace.steps, trace.prompt_start.tolist()
        self.text: list[Token] = []
        self.places: set[int] | None = None  # where in the trace the next token can stand
        self.chains: list[Chain] = []
        self.number: dict[int, int] = {}
        self.point = (0, 0)  # row and step of the text's next token
        self.announced = 0
        self.sent: deque[Any] = deque()
        self.fates: list[tuple[ModelStep, str]] = []
        self.drafting = 0  # the chain that the drafter knows
        self.draft_cache: list[Token] = []
        self.target_cache: set[Token] = set()
        self.logits: set[Token] = set()
        self.running: dict[str, Step] = {}
        self.decided: tuple[list[Token], int, Step | None] | None = None
        self.last_emission = 0
        self.passed = 0  # when the last pass ended
        self.last_step: ModelStep | None = None

    def check(self) -> None:
        for what, now, *about in self.played.events:
            getattr(self, f"_{what}")(now, *about)
        self._at_the_end()

    # The trace.

    def _on(self, row: int, count: int) -> int:
        """So many rows on; past a prompt's end lies the next one."""
        end = self.starts[bisect_right(self.starts, row)]
        return int(row + count if row + count < end else end % self.starts[-1])

    def _emit(self, token: Token) -> None:
        """A token joins the text: the trace's next one, whose place follows that of the one before it."""
        row, step = self.point
        place, end = row + step, self.starts[bisect_right(self.starts, row)]
        require(self.places is None or place in self.places, "a token is skipped or comes twice", self.point)
        self.places = {place + 1} if place + 1 < end else {place + 1, end % self.starts[-1]}
        before = self.text[-1] if self.text else PROMPT_END
        require(before in self.logits, "no pass of the target has told what follows", before, token)
        self.text.append(token)
        self.point = (row, step + 1) if step + 1 < self.steps else (self._on(row, self.steps), 0)

    def _visible(self, now: int) -> int:
        """When the other side can know what is written now: after the transfer, at a look."""
        messages = self.machine.messages
        interval, arrives = messages.polling_ps, now + messages.transfer_ps
        return int(arrives if not interval else (arrives + interval - 1) // interval * interval)

    def _view(self, base: int, chain: int, drafted: int) -> list[Token]:
        return [PROMPT_END, *self.text[:base], *[(chain, offset) for offset in range(drafted)]]

    # The text.

    def _start(self, now: int, chain: Any) -> None:
        prompt_starts = self.starts[:-1]
        require(chain.row in prompt_starts, "a run starts with a prompt")
        self.point = (chain.row, 0)
        self._born(chain, known=0)

    def _born(self, chain: Any, known: int) -> None:
        require(id(chain) not in self.number, "a chain is new")
        require(chain.row == self.point[0], "the text goes on elsewhere in the trace", chain, self.point)
        self.number[id(chain)] = len(self.chains)
        self.chains.append(Chain(chain.row, len(self.text), known))

    def _drafted(self, now: int, chain: Any, task: ModelStep) -> None:
        number = self.number[id(chain)]
        require(number == self.drafting, "drafted on a chain that was left", number, self.drafting)
        require(task.kind == "draft" and task is self.last_step, "a token without a step", task)
        alive = self.chains[number]
        alive.drafts.append(task)
        if number != len(self.chains) - 1:
            self.fates.append((task, "flushed"))

    def _accept(self, now: int, chain: Any, before: int, until: int) -> None:
        number = self.number[id(chain)]
        alive = self.chains[-1]
        require(number == len(self.chains) - 1, "emitted from a chain that the text has left")
        for offset in range(before, until):
            row, step = self.point
            require(offset == len(self.text) - alive.base, "emitted out of order", offset, len(self.text))
            require(offset < len(alive.drafts), "emitted before it was drafted", offset)
            require(self.coins[row][step] == 1, "the target rejects it", self.point)
            self._emit((number, offset))
            self.fates.append((alive.drafts[offset], "accepted"))
            self.last_emission = now

    def _own(self, now: int, chain: Any, verified: int, rejected: bool, following: Any) -> None:
        alive = self.chains[-1]
        require(self.number[id(chain)] == len(self.chains) - 1, "a verdict on a chain that was left")
        require(verified == len(self.text) - alive.base, "the target's own token out of order")
        row, step = self.point
        there = verified < len(alive.drafts)
        require(rejected == there, "a bonus where a draft stands, or a rejection of nothing", verified)
        if rejected:
            require(self.coins[row][step] == 0, "the target accepts it", self.point)
            self.fates.append((alive.drafts[verified], "rejected"))
            self.fates += [(task, "flushed") for task in alive.drafts[verified + 1 :]]
        self._emit(("own", len(self.text)))
        self.point = (self._on(row, step + 1), 0)
        self._born(following, self._visible(now))
        self.last_emission = now

    # Messages.

    def _push(self, now: int, queue: str, entry: Any) -> None:
        if queue == "unverified_drafts":
            number, alive = self.number[id(entry.chain)], self.chains[self.number[id(entry.chain)]]
            require(entry.available == self._visible(now), "a batch travels", entry)
            require(entry.end <= len(alive.drafts), "a batch with tokens that are not there", entry)
            last = alive.batched[-1][1] if alive.batched else 0
            require(
                last <= entry.start < entry.end and number == self.drafting, "batches out of order", entry
            )
            alive.batched.append((entry.available, entry.end))
        elif queue == "feedback":
            self._verdict(now, entry)
        else:
            number, alive = len(self.chains) - 1, self.chains[-1]
            require(number == self.drafting, "pre-verification of a chain that the drafter does not know")
            view = self._view(len(self.text), number, 0)
            view += [(number, offset) for offset in range(len(self.text) - alive.base, len(alive.drafts))]
            self.decided = (view, entry, self.running.get("npu"))

    def _verdict(self, now: int, verdict: Any) -> None:
        """What the drafter is told is what happened to the text since it was told last."""
        require(len(self.text) > self.announced, "a verdict about nothing")
        require(verdict.available == self._visible(now), "a verdict travels", verdict)
        alive = self.chains[-1]
        if verdict.next_chain is None:
            require(self.number[id(verdict.chain)] == len(self.chains) - 1, "a verdict on the wrong chain")
            require(verdict.verified == len(self.text) - alive.base, "a wrong verdict", verdict)
            require(not verdict.rejected, "a rejection leaves the chain")
        else:
            before = self.chains[-2]
            require(self.number[id(verdict.next_chain)] == len(self.chains) - 1, "the wrong chain")
            require(verdict.base == len(self.text) == alive.base, "a wrong base", verdict)
            require(verdict.verified == alive.base - before.base - 1, "a wrong verdict", verdict)
            require(verdict.rejected == (verdict.verified < len(before.drafts)), "a wrong verdict", verdict)
        self.announced = len(self.text)
        self.sent.append(verdict)

    def _pop(self, now: int, queue: str, entry: Any) -> None:
        if queue == "feedback":
            require(entry is self.sent.popleft(), "verdicts are read in order")
            require(now >= entry.available, "a verdict is read before it has arrived", entry)
            if entry.next_chain is not None:
                self.drafting = self.number[id(entry.next_chain)]

    # Work.

    def _begin(self, now: int, task: ModelStep, speeds: Any, work: int, followed: ModelStep | None) -> None:
        require(task.track not in self.running, "two things at once", task)
        require(task.start == now and task.width >= 1, "a task begins now", task)
        require(self.announced == len(self.text), "a token of which the drafter was not told")
        step = Step(task, now, speeds, work, [])
        needed = task.context - (PROMPT - 1)
        if task.track == "npu":
            self._begin_pass(now, step, needed)
        elif task.kind == "preverify":
            self._begin_preverification(step, needed, followed)
        else:
            self._begin_draft(now, step, needed)
        self.running[task.track] = step

    def _begin_pass(self, now: int, step: Step, needed: int) -> None:
        alive, number = self.chains[-1], len(self.chains) - 1
        there = max([end for available, end in alive.batched if available <= now], default=0)
        view = self._view(alive.base, number, there)
        other = self.running.get("pim")
        require(needed == len(self.text), "a pass feeds from the last emitted token on", step.task)
        require(needed + step.task.width <= len(view), "a token before the NPU can know it", step.task)
        require(self.target_cache.issuperset(view[:needed]), "an entry that does not exist", step.task)
        if other is not None and other.task.kind == "preverify":
            require(self.system.ideal_rank_sharing, "the ranks compute", step.task)
        elif other is not None:
            require(not self._one_at_a_time, "the NPU does a draft's vector work", step.task)
        step.fed = view[needed : needed + step.task.width]
        step.verdicts = step.task.width
        self._at_the_first_chance(now, alive)

    def _at_the_first_chance(self, now: int, alive: Chain) -> None:
        """A pass begins when the one before it has ended and enough is there, where nothing else can hold it up."""
        system = self.system
        if system.tvc or self._one_at_a_time or system.queues.feedback < 9 or system.control != "paper":
            return  # a pilot may let it wait
        enough = len(self.text) - alive.base + system.minimum_pending
        there = min(available for available, end in alive.batched if end >= enough)
        require(now == max(there, self.passed), "a pass that begins too late", now, there, self.passed)

    @property
    def _one_at_a_time(self) -> bool:
        system = self.system
        return not system.aau and system.vector_wait == "behind" and not system.ideal_vector_wait

    def _begin_preverification(self, step: Step, needed: int, followed: ModelStep | None) -> None:
        require(self.decided is not None, "a pre-verification that was not decided")
        assert self.decided is not None
        (view, verdicts, running), self.decided = self.decided, None
        width = step.task.width
        require(verdicts >= 1 and needed + width < len(view), "a verdict on no token", step.task)
        missing = [token for token in view[:needed] if token not in self.target_cache]
        if followed is not None:
            require(running is not None and running.task is followed, "it follows another pass")
            if running is not None and not running.ended:
                missing = [token for token in missing if token not in running.fed]
                step.followed = running
        elif self.system.ideal_kv_entries and running is not None:
            missing = [token for token in missing if token not in running.fed]
        require(not missing, "entries that do not exist", missing, step.task)
        step.fed, step.verdicts = view[needed : needed + width], verdicts

    def _begin_draft(self, now: int, step: Step, needed: int) -> None:
        alive, task = self.chains[self.drafting], step.task
        require(now >= alive.known, "drafted from text that the drafter does not know", task)
        require(all(verdict.available >= now for verdict in self.sent), "a verdict is left unread", task)
        if "npu" in self.running:
            require(not self._one_at_a_time, "its vector work needs the NPU", task)
        view = self._view(alive.base, self.drafting, len(alive.drafts))
        fed = needed + task.width
        require(fed == len(view) - (task.kind == "catch_up"), "drafts the token after all others", task)
        require(self.draft_cache[:needed] == view[:needed], "an entry of the draft that is not there", task)
        step.fed = view[needed:fed]

    def _end(self, now: int, task: ModelStep) -> None:
        step = self.running.pop(task.track)
        require(step.task is task and task.end == now, "ends now", task)
        step.ended = True
        done = progress(step.speeds, now)
        waited = 2.0 if step.followed else 0.5  # it may wait a picosecond for the pass that it follows
        require(step.work - 0.5001 <= done <= step.work + waited + 1e-4, "as much as was to do", done, task)
        if task.track == "npu" or task.kind == "preverify":
            if task.kind == "preverify":
                self._end_preverification(now, step)
            else:
                self.passed = now
            self.target_cache.update(step.fed)
            self.logits.update(step.fed[-step.verdicts :])
        else:
            needed = task.context - (PROMPT - 1)
            self.draft_cache[needed:] = step.fed
            self.last_step = task

    def _end_preverification(self, now: int, step: Step) -> None:
        followed, beside = step.followed, self.running.get("npu")
        if followed is not None:
            require(followed.ended and not followed.aborted, "it used what never came to be", step.task)
            self._stayed_behind(now, step, followed)
        elif beside is not None and not self.system.ideal_rank_sharing:
            moved = progress(beside.speeds, now) - progress(beside.speeds, step.start)
            require(moved == 0, "the ranks compute and stream at once", moved, step.task)

    def _stayed_behind(self, now: int, step: Step, followed: Step) -> None:
        """Whenever a speed changes it has done no more than one layer less of its work than the pass."""
        last = followed.task.end
        for time in {time for time, _ in [*step.speeds, *followed.speeds] if step.start <= time <= last}:
            share = progress(step.speeds, time) / step.work
            allowed = progress(followed.speeds, time) / followed.work * (1 - 1 / self.machine.target_layers)
            require(share <= allowed + 1.5 / step.work, "ahead of what it follows", time, step.task)
        rest = progress(step.speeds, now) - progress(step.speeds, last)
        require(rest >= step.work / self.machine.target_layers - 1.5, "the last layer comes after", step.task)

    def _abort(self, now: int, task: ModelStep) -> None:
        step = self.running.pop("npu")
        require(step.task is task, "aborts what runs")
        step.ended = step.aborted = True

    def _at_the_end(self) -> None:
        played, ledger = self.played, self.played.outcome.ledger
        require(len(self.text) == ledger.emitted, "as many tokens as were counted", ledger)
        require(ledger.emitted - ledger.cut == played.tokens, "as many tokens as were asked for")
        require(self.announced == len(self.text), "a token of which the drafter was not told")
        require(played.outcome.end == self.last_emission == ledger.last_emission, "ends with the last token")
        alive = self.chains[-1]
        self.fates += [(task, "in_flight") for task in alive.drafts[len(self.text) - alive.base :]]
        drafted = [task for chain in self.chains for task in chain.drafts]
        require(len(self.fates) == len({id(task) for task, _ in self.fates}) == len(drafted), "one fate each")
        require(ledger.drafted == len(drafted), "each drafted token is counted", ledger)
        for fate in ("accepted", "rejected", "flushed", "in_flight"):
            count = sum(met == fate for _, met in self.fates)
            require(count == getattr(ledger, fate), "counted by fate", fate, count, ledger)
        for task, fate in self.fates:
            require(str(task.fate) == fate, "the fate that its token met", fate, task)


def check(played: Any) -> None:
    try:
        Checker(played).check()
    except ViolationError as violation:
        raise ViolationError(f"schedule {played.number}: {violation}") from violation
