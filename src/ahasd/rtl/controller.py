"""Everything beside the PIM units: EDC, TVC, three queues, gated task scheduler and control block, joined."""

from typing import Any

from amaranth import C, Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.control_block import ControlBlock
from ahasd.rtl.edc import EntropyDraftController, prediction_layout
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.queue import Queue
from ahasd.rtl.rank_gate import RankGate
from ahasd.rtl.registers import Interrupt
from ahasd.rtl.tvc import TimeAwareVerificationController

POSITION_BITS = 16
"""Bits of a token's place in the text, as many as of a context length."""


def draft_layout(parameters: HardwareParameters) -> data.StructLayout:
    """An unverified batch: where it starts, its tokens, and EDC's prediction (the token numbers lie in memory)."""
    return data.StructLayout(
        {"start": POSITION_BITS, "length": parameters.batch_bits, "prediction": prediction_layout(parameters)}
    )


def verdict_layout(parameters: HardwareParameters) -> data.StructLayout:
    """A verdict: tokens accepted, whether those are all, and the prediction on its way back."""
    return data.StructLayout(
        {"accepted": parameters.batch_bits, "fully": 1, "prediction": prediction_layout(parameters)}
    )


def preverification_layout(parameters: HardwareParameters) -> data.StructLayout:
    """A pre-verification: its first token and how many."""
    return data.StructLayout({"start": POSITION_BITS, "tokens": parameters.tvc.fixed_point.token_bits})


class AhasdController(wiring.Component):
    """The task scheduler: a batch ends, EDC decides; if it says stop, TVC is asked; if n is 1 or more, ranks switch.

    Ports
    -----
    token, entropy, batch, batch_start, batch_length, batch_ready
        From the drafting PIM. ``resume`` tells it, once per batch, to draft on.
    draft_valid, draft, draft_pop
        Unverified batches, to the NPU.
    verdict_push, verdict, verdict_full
        Feedback, from the NPU.
    verdict_read, read_verdict
        The same verdict on its way to the drafter, when EDC has taken note of it.
    preverify, preverification, preverified
        A pre-verification may start, what it covers, and its end.
    unverified_tokens
        Tokens that a pre-verification may cover, and the first of them in ``unverified_start``.
    units_idle, rank_enable
        To and from the ranks.
    address, write, write_data, read_data, interrupt
        The core's bus (:class:`ControlBlock`).
    """

    def __init__(self, parameters: HardwareParameters) -> None:
        self.parameters = parameters
        edc, tvc = parameters.edc.fixed_point, parameters.tvc.fixed_point
        super().__init__(
            {
                "token": In(1),
                "entropy": In(edc.word_bits),
                "batch": In(1),
                "batch_start": In(POSITION_BITS),
                "batch_length": In(parameters.batch_bits),
                "batch_ready": Out(1),
                "resume": Out(1),
                "draft_valid": Out(1),
                "draft": Out(draft_layout(parameters)),
                "draft_pop": In(1),
                "verdict_push": In(1),
                "verdict": In(verdict_layout(parameters)),
                "verdict_full": Out(1),
                "verdict_read": Out(1),
                "read_verdict": Out(verdict_layout(parameters)),
                "preverify": Out(1),
                "preverification": Out(preverification_layout(parameters)),
                "preverified": In(1),
                "unverified_start": In(POSITION_BITS),
                "unverified_tokens": In(tvc.token_bits),
                "units_idle": In(1),
                "rank_enable": Out(parameters.ranks),
                "address": In(8),
                "write": In(1),
                "write_data": In(32),
                "read_data": Out(32),
                "interrupt": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m, parameters = Module(), self.parameters
        edc = m.submodules.edc = EntropyDraftController(parameters)
        tvc = m.submodules.tvc = TimeAwareVerificationController(parameters)
        gate = m.submodules.rank_gate = RankGate(parameters)
        control = m.submodules.control_block = ControlBlock()
        capacities = parameters.queues
        drafts = m.submodules.draft_queue = Queue(draft_layout(parameters).size, capacities.unverified_drafts)
        verdicts = m.submodules.feedback_queue = Queue(verdict_layout(parameters).size, capacities.feedback)
        waiting = m.submodules.preverification_queue = Queue(
            preverification_layout(parameters).size, capacities.preverification
        )
        edc_on, tvc_on, gating_on = control.enable[0], control.enable[1], control.enable[2]
        tokens, keep = Signal(parameters.tvc.fixed_point.token_bits), Signal()
        rejected, decided, inserted = Signal(), Signal(), Signal()
        m.d.comb += [
            *self._outside(edc, gate, control, drafts, verdicts, waiting),
            gate.want_target.eq((waiting.level != 0) & gating_on),
            rejected.eq(self.verdict_read & ~self.read_verdict.fully),
            drafts.clear.eq(rejected),
            drafts.entry.eq(Cat(self.batch_start, self.batch_length, edc.prediction.as_value())),
            waiting.entry.eq(Cat(self.unverified_start, tokens)),
            tvc.clock_ratio.eq(control.clock_ratio),
            tvc.kind.eq(control.sample_kind),
            tvc.cycles.eq(control.sample_cycles),
            tvc.length.eq(control.sample_length),
            tvc.kv_length.eq(control.npu_kv_length),
            tvc.elapsed.eq(control.npu_elapsed),
            tvc.unverified.eq(self.unverified_tokens),
        ]
        sample = Signal()
        m.d.comb += tvc.sample.eq(sample & tvc.ready)
        with m.If(control.sampled):
            m.d.sync += sample.eq(1)
        with m.Elif(tvc.ready):
            m.d.sync += sample.eq(0)

        with m.FSM():
            with m.State("DRAFT"):
                # A verdict goes first, so that the next decision knows of it.
                m.d.comb += [
                    self.verdict_read.eq(verdicts.valid & edc.ready),
                    edc.verdict.eq(self.verdict_read),
                    self.batch_ready.eq(edc.ready & ~verdicts.valid & ~drafts.full),
                    edc.token.eq(self.token & self.batch_ready),
                    edc.batch.eq(self.batch & self.batch_ready),
                ]
                with m.If(edc.batch):
                    m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.comb += [decided.eq(edc.decided), drafts.push.eq(decided)]
                with m.If(decided):
                    m.d.sync += keep.eq(edc.prediction.keep_drafting | ~edc_on)
                    m.next = "ASK"
            with m.State("ASK"):
                running = control.npu_kv_length != 0
                with m.If(keep | ~tvc_on | ~running | waiting.full):
                    m.d.comb += self.resume.eq(1)
                    m.next = "DRAFT"
                with m.Elif(tvc.ready & ~sample):
                    m.d.comb += tvc.consult.eq(1)
                    m.next = "ANSWER"
            with m.State("ANSWER"):
                m.d.comb += [
                    tokens.eq(tvc.tokens),
                    inserted.eq(tvc.done & (tokens != 0)),
                    waiting.push.eq(inserted),
                ]
                with m.If(inserted):
                    m.next = "SWITCH"
                with m.Elif(tvc.done):
                    m.d.comb += self.resume.eq(1)
                    m.next = "DRAFT"
            with m.State("SWITCH"), m.If(gate.steady & (gate.on_target | ~gating_on)):
                m.d.comb += self.preverify.eq(1)
                m.next = "PREVERIFY"
            with m.State("PREVERIFY"), m.If(self.preverified):
                m.d.comb += waiting.pop.eq(1)
                m.next = "BACK"
            with m.State("BACK"), m.If(gate.steady & ~gate.on_target):
                m.d.comb += self.resume.eq(1)
                m.next = "DRAFT"

        answered = Signal.like(tokens)
        with m.If(decided | tvc.done):
            m.d.sync += answered.eq(Mux(tvc.done, tokens, 0))
        m.d.comb += control.decision.eq(
            Cat(keep, gate.on_target, C(0, 6), _field(answered, 8), _field(edc.prediction.index, 12), edc.llr)
        )
        happened = {
            Interrupt.DECISION: decided,
            Interrupt.PREVERIFICATION: inserted,
            Interrupt.VERDICT: self.verdict_read,
            Interrupt.QUEUE_REFUSED: drafts.refused | verdicts.refused | waiting.refused,
            Interrupt.FAULT: edc.fault,
        }
        m.d.comb += [control.set_flags[flag.bit_length() - 1].eq(event) for flag, event in happened.items()]
        m.d.comb += self._counted(
            control, decided, edc.prediction.keep_drafting | ~edc_on, tvc, tokens, rejected, gate
        )
        return m

    def _outside(
        self,
        edc: EntropyDraftController,
        gate: RankGate,
        control: ControlBlock,
        drafts: Queue,
        verdicts: Queue,
        waiting: Queue,
    ) -> list[Any]:
        """Ports that go straight to one of the parts."""
        return [
            edc.entropy.eq(self.entropy),
            edc.judged.eq(self.read_verdict.prediction),
            edc.accepted.eq(self.read_verdict.fully),
            self.draft_valid.eq(drafts.valid),
            self.draft.as_value().eq(drafts.head),
            drafts.pop.eq(self.draft_pop),
            verdicts.push.eq(self.verdict_push),
            verdicts.entry.eq(self.verdict.as_value()),
            verdicts.pop.eq(self.verdict_read),
            self.verdict_full.eq(verdicts.full),
            self.read_verdict.as_value().eq(verdicts.head),
            self.preverification.as_value().eq(waiting.head),
            gate.target_ranks.eq(control.target_ranks),
            gate.idle.eq(self.units_idle),
            self.rank_enable.eq(gate.enable),
            control.address.eq(self.address),
            control.write.eq(self.write),
            control.write_data.eq(self.write_data),
            self.read_data.eq(control.read_data),
            self.interrupt.eq(control.interrupt),
            *(
                word.eq(Cat(_field(level, 8) for level in levels))
                for word, levels in (
                    (control.queue_levels, (drafts.level, verdicts.level, waiting.level)),
                    (control.queue_peaks, (drafts.peak, verdicts.peak, waiting.peak)),
                )
            ),
        ]

    def _counted(
        self,
        control: ControlBlock,
        decided: Any,
        keep: Any,
        tvc: TimeAwareVerificationController,
        tokens: Any,
        rejected: Any,
        gate: RankGate,
    ) -> list[Any]:
        """What each counter counts."""
        return [
            control.count_decisions.eq(decided),
            control.count_kept_drafting.eq(decided & keep),
            control.count_consulted.eq(tvc.consult),
            control.count_preverifications.eq(tvc.done & (tokens != 0)),
            control.count_preverified_tokens.eq(Mux(tvc.done, tokens, 0)),
            control.count_accepted_batches.eq(self.verdict_read & self.read_verdict.fully),
            control.count_rejected_batches.eq(rejected),
            control.count_rank_switches.eq(gate.switched),
        ]


def _field(value: Any, bits: int) -> Any:
    """A value in so many bits of a register; of sizes beyond the defaults it shows the low ones."""
    return Cat(value, C(0, bits))[:bits]
