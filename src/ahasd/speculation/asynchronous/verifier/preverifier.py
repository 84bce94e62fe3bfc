"""Pre-verification: drafted tokens are verified in the ranks that hold the target, when TVC sees time."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.provisional import Provisional
from ahasd.speculation.asynchronous.verifier.verifier import Pass, Verifier
from ahasd.speculation.control.tvc.gating import RankGate, RankSet
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationControl
from ahasd.speculation.model_step import ModelStep
from ahasd.traces.rollout.walk import DraftChain


@dataclass(frozen=True, slots=True)
class _Plan:
    """A pass of the target on the drafter's device.

    Attributes
    ----------
    chain, start, tokens
        Verdicts on the tokens ``start … start + tokens - 1`` of a chain.
    context, width
        KV entries that it uses, and tokens that it feeds.
    follows
        The pass of the verifier behind which it stays; None if it computes or has all that it needs.
    """

    chain: DraftChain
    start: int
    tokens: int
    context: int
    width: int
    follows: Pass | None


class Preverifier:
    """Runs between two draft steps; the option ``preverification`` says what it verifies, and with which entries.

    ``recompute``
        The tokens after the batch that the verifier is at. Their KV entries need those of that batch,
        which do not exist on the drafter's side yet, so it computes them too: a pass that gives verdicts on n
        tokens feeds the running pass's tokens and n - 1 more.
    ``follow``
        The same tokens, but layer by layer behind the verifier, so that the entries are there: it feeds n tokens,
        from the last of the running pass on, and cannot end before that pass.
    ``race``
        The first n tokens of the running pass itself, whose entries exist up to them. What it finds commits at
        once, and a rejection stops the pass.

    While it computes, the ranks cannot serve the verifier's stream.
    """

    def __init__(
        self, shared: Shared, verifier: Verifier, tvc: TimeAwareVerificationControl, gate: RankGate
    ) -> None:
        machine, options = shared.machine, shared.options
        steps, conflicts = machine.preverify_steps, machine.conflicts
        assert steps is not None, "a machine that TVC controls can pre-verify"
        self._shared, self._verifier, self._tvc, self._gate = shared, verifier, tvc, gate
        self._steps, self._clocks = steps, machine.clocks
        self._race, self._follow = options.preverification == "race", options.preverification == "follow"
        self._assumes_entries = not conflicts.needs_entries
        self._takes_ranks = conflicts.stops_stream
        # Its vector work would wait until the verification that it is to beat has ended.
        behind = options.vector_wait == "behind" and conflicts.waits_for_vector_unit
        self._useless = conflicts.borrows_vector_unit and behind

    def drafted(self, duration: int, length: int) -> None:
        """Report a draft batch to TVC."""
        self._tvc.drafted(self._cycles(duration), length)

    def tokens(self, chain: DraftChain) -> int:
        """How many tokens to pre-verify now; 0 to draft on.

        Without a running verification there is no time to fill, and TVC is not asked.
        """
        shared, running = self._shared, self._verifier.running
        if self._useless or running is None or running.chain is not chain:
            return 0
        if self._verifier.provisional.held is not None:
            return 0
        if shared.preverification.full:
            shared.preverification.refused()
            return 0
        text = shared.text
        candidates = running.end - text.verified if self._race else len(text.drafts) - running.end
        elapsed = (shared.now - running.task.start) / 1000 * self._clocks.verifier_ghz
        return self._tvc.tokens_to_preverify(running.task.context + 1, elapsed, max(0, candidates))

    def start(self, tokens: int, ended: Callable[[bool], None]) -> None:
        """Switch the ranks over, then compute; ``ended`` is told whether a rejection was found."""
        shared = self._shared
        plan = self._plan(tokens)
        shared.preverification.push(tokens, shared.now)
        switch = to_picoseconds(self._gate.enable(RankSet.TARGET))
        if switch:
            shared.engine.after(switch, lambda: self._compute(plan, ended))
        else:
            self._compute(plan, ended)

    def _plan(self, tokens: int) -> _Plan:
        running, text = self._verifier.running, self._shared.text
        assert running is not None, "a pre-verification needs a running pass"
        chain, end = running.chain, running.end
        # Entries of the text as it is now: all but the last emitted token's.
        context = self._shared.machine.lengths.prompt + text.base + text.verified - 1
        in_flight = end - text.verified
        if self._race:
            return _Plan(chain, text.verified, tokens, context, tokens, None)
        if self._follow or self._assumes_entries:
            return _Plan(chain, end, tokens, context + in_flight, tokens, running if self._follow else None)
        return _Plan(chain, end, tokens, context, in_flight + tokens, None)

    def _compute(self, plan: _Plan, ended: Callable[[bool], None]) -> None:
        """Begin the pass; until it ends the ranks cannot serve the verifier."""
        shared = self._shared
        self._gate.require(RankSet.TARGET)
        if plan.follows is None and not self._assumes_entries:
            shared.entries.require(plan.context)
        cost = self._steps.cost(plan.width, plan.context)
        end = shared.now + to_picoseconds(cost.seconds)
        task = ModelStep(
            self._steps.name, "preverify", shared.now, end, cost, width=plan.width, context=plan.context
        )
        shared.timeline.add(task)
        self._verifier.claims.ranks = self._takes_ranks
        shared.contention.start_step(
            task,
            lambda: ended(self._finish(plan, task)),
            on_target_ranks=True,
            follows=plan.follows.running if plan.follows is not None else None,
        )

    def _finish(self, plan: _Plan, task: ModelStep) -> bool:
        """Hand the verdicts over; whether a rejection was found."""
        shared = self._shared
        shared.preverification.pop(shared.now)
        self._verifier.claims.ranks = False
        self._tvc.preverified(self._cycles(task.end - task.start), plan.tokens)
        until, chain = plan.start, plan.chain
        while until < plan.start + plan.tokens and chain.accepted(until):
            until += 1
        rejected = until < plan.start + plan.tokens
        stale = chain is not shared.text.chain
        self._verifier.precommit(Provisional(chain, plan.start, until, rejected, task))
        return rejected and not stale

    def switch_back(self) -> int:
        """Let the draft's ranks compute again; how many picoseconds that takes."""
        return to_picoseconds(self._gate.enable(RankSet.DRAFT))

    def _cycles(self, duration: int) -> float:
        """Picoseconds in cycles of the drafter's device; 1 GHz is 1000 ps a cycle."""
        return duration / 1000 * self._clocks.drafter_ghz
