"""The NPU's side: verify the oldest batch, decide, send a verdict."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.control.tvc import TimeAwareVerificationControl
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.timeline import Fate, Task
from ahasd.systems.asynchronous.contention import Running
from ahasd.systems.asynchronous.piloting import Piloting
from ahasd.systems.asynchronous.shared import Shared
from ahasd.systems.asynchronous.text import Batch, Verdict
from ahasd.traces.walk import DraftChain

#: Draft steps that end at the same picosecond as a verification come first: their token is there to be tested.
VERIFICATION_PRIORITY = 1


@dataclass(frozen=True, slots=True)
class Provisional:
    """What a pre-verification found: tokens ``start … until - 1`` accepted, the next one rejected or untested.

    It commits when everything before ``start`` has committed.
    """

    chain: DraftChain
    start: int
    until: int
    rejected: bool
    task: Task


@dataclass(slots=True)
class Pass:
    """A verification that runs: its task, the offset after the last token it covers, and how far it is."""

    task: Task
    chain: DraftChain
    end: int
    running: Running


class Verifier:
    """Runs one verification at a time, as soon as a batch waits and nothing holds what it needs.

    A pass feeds the one emitted token whose KV entry is missing and the batch's untested tokens, so it holds
    logits for one token more than it was given. After full acceptance that token is tested if the drafter has
    already drafted it; otherwise the target emits its bonus token. A pass is stopped only if a pre-verification
    of its own tokens (``race``) finds a rejection before it.

    Parameters
    ----------
    shared
        Clock, text, queues.
    tvc
        Gets the duration of every pass; None without TVC.
    piloting
        Asked whether a pass starts, perhaps with nothing drafted; None: as soon as a batch waits.
    """

    def __init__(
        self, shared: Shared, tvc: TimeAwareVerificationControl | None, piloting: Piloting | None = None
    ) -> None:
        self._shared, self._tvc, self._piloting = shared, tvc, piloting
        self._steps = shared.machine.target_steps
        self.running: Pass | None = None
        self.provisional: Provisional | None = None
        #: Held by a draft step whose vector work needs the NPU (AAU off, ``vector_wait: behind``).
        self.reserved = False
        #: Held by a pre-verification that computes in the ranks from which the NPU would stream.
        self.ranks_taken = False
        self._ready_since: int | None = None
        #: When the last token that a pass tested against its last logits has arrived in the queue.
        self._on_its_way = 0
        #: Called after each verdict and whenever the NPU falls free.
        self.on_verdict: Callable[[], None] = lambda: None
        self.on_free: Callable[[], None] = lambda: None
        #: Called when batches were taken off the queue for a pass.
        self.on_taken: Callable[[], None] = lambda: None

    def kick(self) -> None:
        """Commit what a pre-verification found, if it can be, and start a pass if one can start now."""
        shared = self._shared
        self._commit_what_waited()
        if self.running is not None:
            return
        self._drop_settled()
        if not len(shared.unverified) and self._piloting is None:
            self._stop_waiting()
            return
        if shared.feedback.full:
            shared.feedback.refused()
            return
        if self._piloting is not None:
            if shared.now < self._on_its_way:
                shared.engine.at(self._on_its_way, self.kick)  # a pass feeds no token that is not there
                return
            end = self._visible_end()
            if self._piloting.starts_pass(end):
                while len(shared.unverified) and shared.unverified.peek().end <= end:
                    shared.unverified.pop(shared.now)
                self._start(end)
                self.on_taken()
            return
        oldest = shared.unverified.peek()
        if oldest.available > shared.now or self._pending() < shared.machine.system.minimum_pending:
            return
        if self.reserved or self.ranks_taken:
            if self._ready_since is None:
                self._ready_since = shared.now
            return
        self._stop_waiting()
        self._start(self._take())
        self.on_taken()

    def _pending(self) -> int:
        """Drafted tokens without a verdict that the verifier can see."""
        shared = self._shared
        if shared.machine.system.minimum_pending == 1:
            return 1  # the oldest batch has at least one
        visible = [batch.end for batch in shared.unverified if batch.available <= shared.now]
        return visible[-1] - shared.text.verified

    def _visible_end(self) -> int:
        """Offset after the last token that has arrived; under a pilot a pass covers all of them."""
        shared, end = self._shared, self._shared.text.verified
        for batch in shared.unverified:
            if batch.available <= shared.now:
                end = batch.end
        return end

    def _stop_waiting(self) -> None:
        if self._ready_since is not None:
            waited = self._shared.now - self._ready_since
            self._shared.timeline.waited(self._steps.name, waited)
            self._ready_since = None

    def precommit(self, found: Provisional) -> None:
        """Take note of a pre-verification; it commits when everything before it has, perhaps at once."""
        text = self._shared.text
        if found.chain is not text.chain or found.until + found.rejected <= text.verified:
            self._drop(found)  # the text went elsewhere, or the NPU was faster
            return
        self.provisional = found
        self.kick()

    def _commit_what_waited(self) -> None:
        """Commit a pre-verification once everything before it has a verdict and its own can be sent."""
        found, text, feedback = self.provisional, self._shared.text, self._shared.feedback
        # A running pass needs a place for its own verdict.
        promised = int(self.running is not None)
        if found is None or text.verified < found.start or len(feedback) + promised >= feedback.capacity:
            return
        self.provisional = None
        self._commit_provisional(found)
        running = self.running
        if running is not None and (running.chain is not text.chain or text.verified > running.end):
            self._abort(running)

    def _abort(self, useless: Pass) -> None:
        """Stop a pass that can tell nothing new: the text has left its tokens, or has verdicts on all of them."""
        self._shared.contention.abort_pass()
        useless.task.fate = Fate.DROPPED
        self._shared.text.ledger.verified(accepted=0)
        self.running = None
        self.on_free()
        self._look_when_visible()

    def close(self) -> None:
        """Count a wait that the end of the run cuts short."""
        self._stop_waiting()

    def _take(self) -> int:
        """Take the batches of the next pass off the queue; the offset after their last token."""
        shared, system = self._shared, self._shared.machine.system
        end = shared.unverified.pop(shared.now).end
        while system.verify == "coalesce" and len(shared.unverified):
            following = shared.unverified.peek()
            if (
                following.available > shared.now
                or following.end - shared.text.verified > system.coalesce_limit
            ):
                break
            end = shared.unverified.pop(shared.now).end
        return end

    def _start(self, end: int) -> None:
        shared, text = self._shared, self._shared.text
        emitted = text.base + text.verified
        width = 1 + end - text.verified
        context = shared.machine.lengths.prompt + emitted - 1
        shared.entries.require(context)
        cost = self._steps.cost(width, context)
        duration = to_picoseconds(cost.seconds)
        task = shared.timeline.add(
            Task(self._steps.name, "verify", shared.now, shared.now + duration, width, context, cost)
        )
        running = shared.contention.start_pass(task, self._finish, VERIFICATION_PRIORITY)
        self.running = Pass(task, text.chain, end, running)
        if self._piloting is not None:
            self._piloting.pass_started(task, end)

    def _finish(self) -> None:
        shared, text, ended = self._shared, self._shared.text, self.running
        assert ended is not None
        self.running = None
        ended.task.fate = Fate.USED
        if self._tvc is not None:
            clock = shared.machine.hardware.require_npu().clock_ghz
            # Cycles are counted at the NPU's clock: 1 GHz is 1000 ps.
            self._tvc.npu_verified((ended.task.end - ended.task.start) / 1000 * clock, ended.task.context + 1)
        shared.entries.add(ended.task.context + ended.task.width)
        chain, before, end = text.chain, text.verified, ended.end
        until = before
        while until < end and chain.accepted(until):
            until += 1
        text.accept(until, shared.now)
        rejected, bonus = until < end, False
        found, self.provisional = self.provisional, None
        if found is not None and found.until + found.rejected <= end:
            self._drop(found)  # the NPU was faster
            found = None
        if not rejected and found is None:
            # The pass holds logits for one token more: test the drafter's, if it is there, or emit the target's.
            bonus = len(text.drafts) == end
            if not bonus and chain.accepted(end):
                until += text.accept(end + 1, shared.now)
            else:
                rejected = not bonus
        text.ledger.verified(until - before)
        if self._piloting is not None:
            self._piloting.pass_ended(chain, before, until, rejected)
        if found is not None and not rejected:
            self._commit_provisional(found)
        else:
            if found is not None:
                self._drop(found)
            self._settle(chain, until, rejected, bonus)
        self.on_free()
        self.kick()
        self._look_when_visible()

    def _look_when_visible(self) -> None:
        """Batches that were on their way when the pass ended are looked at when they can be seen."""
        shared = self._shared
        if self.running is None:
            for batch in shared.unverified:
                if batch.available > shared.now:
                    shared.engine.at(batch.available, self.kick)

    def _commit_provisional(self, found: Provisional) -> None:
        """Emit what the PIM verified; it holds the target's own token where it rejected one.

        Raises
        ------
        AssertionError
            Something before it has no verdict yet.
        """
        shared, text = self._shared, self._shared.text
        if text.verified < found.start:
            raise AssertionError(f"commit from {found.start}: only {text.verified} tokens are verified")
        useful = max(0, found.until - text.verified) + found.rejected
        found.task.fate = Fate.USED if useful else Fate.DROPPED
        if self._tvc is not None:
            self._tvc.committed(useful)
        if not shared.machine.system.ideal_kv_entries:
            shared.entries.require(found.task.context)
        shared.entries.add(found.task.context + found.task.width)
        text.ledger.verified(text.accept(max(found.until, text.verified), shared.now))
        self._settle(found.chain, text.verified, found.rejected, bonus=False)

    def _drop(self, found: Provisional) -> None:
        """Forget a pre-verification: it was a pass of the target that brought nothing."""
        found.task.fate = Fate.DROPPED
        self._shared.text.ledger.verified(accepted=0)

    def _settle(self, chain: DraftChain, until: int, rejected: bool, bonus: bool) -> None:
        """Let the text go on after the verified tokens, and tell the drafter."""
        shared, text = self._shared, self._shared.text
        if rejected:
            text.reject(shared.now)
        elif bonus:
            text.bonus(shared.now)
        left = text.chain is not chain
        if left:
            shared.entries.roll_back(shared.machine.lengths.prompt + text.base - 1)
        shared.feedback.push(
            Verdict(
                chain,
                until,
                rejected,
                text.chain if left else None,
                text.base,
                shared.arrival,
            ),
            shared.now,
        )
        self._drop_settled()
        self.on_verdict()

    def _drop_settled(self) -> None:
        """Take batches off the queue that were flushed, or whose every token has a verdict."""
        shared, text = self._shared, self._shared.text
        while len(shared.unverified):
            oldest = shared.unverified.peek()
            if oldest.chain is text.chain:
                if oldest.end > text.verified:
                    return
                self._on_its_way = oldest.available
            shared.unverified.pop(shared.now)


def pushable(batch: Batch, shared: Shared) -> bool:
    """Whether a batch still needs a verdict: on the text's chain, with an untested token."""
    return batch.chain is shared.text.chain and batch.end > shared.text.verified
