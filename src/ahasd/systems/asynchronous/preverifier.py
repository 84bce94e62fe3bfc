"""Pre-verification: the PIM verifies look-ahead tokens in the ranks that hold the target, when TVC sees time."""

from ahasd.control.gating import RankGate, RankSet
from ahasd.control.tvc import TimeAwareVerificationControl
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.timeline import Task
from ahasd.systems.asynchronous.shared import Shared
from ahasd.systems.asynchronous.verifier import Provisional, Verifier
from ahasd.traces.walk import DraftChain


class Preverifier:
    """Runs between two draft steps of the PIM.

    The tokens are those after the batch that the NPU verifies at the time. Their KV entries need those of that
    batch, which do not exist on the PIM's side yet, so the PIM computes them too (``recompute``): a pass
    that gives verdicts on n tokens feeds the running pass's tokens and n - 1 more. While it computes, the
    ranks cannot serve the NPU's stream, which is held up for as long.
    """

    def __init__(
        self, shared: Shared, verifier: Verifier, tvc: TimeAwareVerificationControl, gate: RankGate
    ) -> None:
        steps = shared.machine.preverify_steps
        pim = shared.machine.hardware.pim
        assert steps is not None, "a system with TVC can pre-verify"
        assert pim is not None, "a system with TVC has a PIM"
        self._shared, self._verifier, self._tvc, self._gate = shared, verifier, tvc, gate
        self._steps, self._pim_ghz = steps, pim.clock_ghz
        self._running: tuple[Task, DraftChain, int, int] | None = None
        #: The pass of the target while the PIM computes it, for its share of the bus.
        self.computing: Task | None = None

    def drafted(self, duration: int, length: int) -> None:
        """Report a draft batch to TVC."""
        self._tvc.drafted(self._cycles(duration), length)

    def tokens(self, chain: DraftChain) -> int:
        """How many tokens to pre-verify now; 0 to draft on.

        Without a running verification there is no time to fill, and TVC is not asked.
        """
        running, system = self._verifier.running, self._shared.machine.system
        if running is None or running.chain is not chain or self._shared.preverification.full:
            return 0
        if self._verifier.provisional is not None:
            return 0
        if not system.aau and system.vector_wait == "behind":
            # Its vector work would wait until the verification that it is to beat has ended.
            return 0
        ahead = max(0, len(self._shared.text.drafts) - running.end)
        elapsed = (self._shared.now - running.task.start) / 1000 * self._shared.machine.hardware.npu.clock_ghz
        return self._tvc.tokens_to_preverify(running.task.context + 1, elapsed, ahead)

    def start(self, tokens: int) -> int:
        """Switch the ranks over, then compute; the picosecond at which the PIM is done."""
        shared, running = self._shared, self._verifier.running
        assert running is not None
        shared.preverification.push(tokens, shared.now)
        width = running.task.width + tokens - 1
        cost = self._steps.cost(width, running.task.context)
        switch = to_picoseconds(self._gate.enable(RankSet.TARGET))
        self._gate.require(RankSet.TARGET)
        begin = shared.now + switch
        end = begin + to_picoseconds(cost.seconds)
        task = Task(self._steps.name, "preverify", begin, end, width, running.task.context, cost)
        self._running = (shared.timeline.add(task), running.chain, running.end, tokens)
        if switch:
            shared.engine.at(begin, self._compute)
        else:
            self._compute()
        return end

    def _compute(self) -> None:
        """Take the ranks, or only the bus, away from the NPU's stream."""
        assert self._running is not None
        self.computing = task = self._running[0]
        if self._shared.machine.system.ideal_rank_sharing:
            self._verifier.delay(self._shared.bus_ps(task.cost))
        else:
            self._verifier.delay(task.end - task.start)
            self._verifier.ranks_taken = True

    def finish(self) -> bool:
        """Hand the verdicts over; whether a rejection was found."""
        assert self._running is not None
        task, chain, start, tokens = self._running
        self._running = self.computing = None
        self._shared.preverification.pop(self._shared.now)
        self._verifier.ranks_taken = False
        self._tvc.preverified(self._cycles(task.end - task.start), tokens)
        until = start
        while until < start + tokens and chain.accepted(until):
            until += 1
        rejected = until < start + tokens
        stale = chain is not self._shared.text.chain
        self._verifier.precommit(Provisional(chain, start, until, rejected, task))
        return rejected and not stale

    def switch_back(self) -> int:
        """Let the draft's ranks compute again; how many picoseconds that takes."""
        return to_picoseconds(self._gate.enable(RankSet.DRAFT))

    def _cycles(self, duration: int) -> float:
        """Picoseconds in PIM cycles; 1 GHz is 1000 ps a cycle."""
        return duration / 1000 * self._pim_ghz
