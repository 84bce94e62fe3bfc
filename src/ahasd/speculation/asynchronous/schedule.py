"""The task-asynchronous schedule: build both sides, let them run."""

from collections.abc import Callable

from ahasd.simulation.engine import Engine
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.asynchronous.drafter.drafter import Drafter
from ahasd.speculation.asynchronous.pilots.build_pilot import build_pilot
from ahasd.speculation.asynchronous.pilots.questions import PilotQuestions
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.asynchronous.verifier.preverifier import Preverifier
from ahasd.speculation.asynchronous.verifier.verifier import Verifier
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.control.pilot import Pilot
from ahasd.speculation.control.tvc.gating import GatingOptions, RankGate
from ahasd.speculation.control.tvc.options import LongerTasks
from ahasd.speculation.control.tvc.tvc import OfflineProfile, TimeAwareVerificationControl
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.options.schedules import AsynchronousOptions
from ahasd.speculation.schedule import Schedule, SpeculationOutcome
from ahasd.traces.rollout.walk import TraceWalk

#: Tokens of the longer tasks in TVC's offline profile (ours).
LONGER_PROFILE_TOKENS = 4


class Asynchronous(Schedule[AsynchronousOptions]):
    """Draft and verification as decoupled tasks, joined by three queues (AHASD, arXiv 2604.25326)."""

    def __init__(
        self,
        machine: Machine,
        options: AsynchronousOptions,
        watch: Callable[[int], None] | None = None,
        pilot: Pilot | None = None,
    ) -> None:
        super().__init__(machine, options, watch)
        self._own_pilot = pilot

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Decode until enough tokens are emitted."""
        assert policy is not None, "an asynchronous schedule drafts"
        machine, options = self.machine, self.options
        engine, timeline, ledger = Engine(), Timeline[ModelStep](), TokenLedger(tokens, watch=self.watch)
        shared = Shared(machine, options, engine, timeline, self.begin_text(walk, ledger))
        edc = EntropyDraftControl(options.edc_options) if options.edc else None
        tvc = self._tvc() if options.tvc else None
        gate = RankGate(GatingOptions(switch_latency_s=machine.clocks.rank_switch_s))
        pilot = build_pilot(machine, options, walk, tokens, self._own_pilot)
        questions = PilotQuestions(shared, pilot) if pilot is not None else None
        if questions is not None:
            policy = FixedLength(1)  # every token goes to the verifier at once; the pilot does the rest
        verifier = Verifier(shared, tvc, questions)
        preverifier = Preverifier(shared, verifier, tvc, gate) if tvc is not None else None
        drafter = Drafter(shared, verifier, policy, edc, preverifier, questions)
        drafter.begin()
        engine.run(lambda: ledger.emitted >= tokens)
        if not ledger.complete:
            raise AssertionError(f"the schedule stands still after {ledger.emitted} tokens")
        shared.contention.close()
        drafter.close()
        verifier.close()
        end = ledger.last_emission
        timeline.cut(end)
        queues = (shared.unverified, shared.feedback, shared.preverification)
        return SpeculationOutcome(
            end,
            timeline,
            ledger,
            edc.statistics if edc else None,
            tvc.statistics if tvc else None,
            gate.switches,
            queues={queue.name: queue.statistics(end) for queue in queues},
            counters={"LLR": tuple(shared.llr)} if edc is not None else {},
        )

    def begin_text(self, walk: TraceWalk, ledger: TokenLedger) -> Text:
        """Begin the text; a subclass may begin one that keeps a record."""
        return Text(walk, ledger)

    def _tvc(self) -> TimeAwareVerificationControl:
        """Start the tables from an offline profile of one token at the prompt's length (paper).

        A line that does not go through zero also needs longer tasks: at the text's end, and of a few tokens (ours).
        """
        machine, options = self.machine, self.options.tvc_options
        draft, preverify = machine.drafter, machine.preverify_steps
        assert preverify is not None, "a machine that TVC controls can pre-verify"
        context = machine.lengths.prompt - 1
        npu_hz, pim_hz = machine.clocks.verifier_ghz * 1e9, machine.clocks.drafter_ghz * 1e9
        longer = None
        if options.latency_model == "affine":
            last, few = machine.lengths.prompt + machine.lengths.generated - 1, LONGER_PROFILE_TOKENS
            longer = LongerTasks(
                npu_verification_cycles=machine.target_steps.cost(1, last).seconds * npu_hz,
                kv_length=last + 1,
                pim_draft_cycles=few * draft.cost(1, context).seconds * pim_hz,
                pim_preverification_cycles=preverify.cost(few, context).seconds * pim_hz,
                tokens=few,
            )
        profile = OfflineProfile(
            npu_verification_cycles=machine.target_steps.cost(1, context).seconds * npu_hz,
            kv_length=context + 1,
            pim_draft_cycles=draft.cost(1, context).seconds * pim_hz,
            pim_preverification_cycles=preverify.cost(1, context).seconds * pim_hz,
            longer=longer,
        )
        return TimeAwareVerificationControl(options, profile, npu_hz, pim_hz)
