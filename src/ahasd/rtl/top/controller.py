"""Everything beside the PIM units: EDC, TVC, three queues, gated task scheduler and control block, joined."""

from dataclasses import fields
from typing import Any

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.descriptors import POSITION_BITS, draft_layout, preverification_layout, verdict_layout
from ahasd.rtl.top.parts import ControllerParts
from ahasd.rtl.top.status import decision_word, events, queue_words


class AhasdController(wiring.Component):
    """The parts and the wires between them; what follows on what is :class:`TaskScheduler`'s.

    Ports
    -----
    token, entropy, batch, batch_start, batch_length, batch_ready
        From the drafting PIM, which holds back while ``batch_ready`` is clear. ``resume`` tells it, once per batch,
        to draft on.
    draft_valid, draft, draft_pop
        Unverified batches, to the NPU. After a verdict with a rejection it takes none until that has been read.
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
        super().__init__(
            {
                "token": In(1),
                "entropy": In(parameters.edc.fixed_point.word_bits),
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
                "unverified_tokens": In(parameters.tvc.fixed_point.token_bits),
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
        m = Module()
        parts = ControllerParts.of(self.parameters)
        for field in fields(parts):
            m.submodules[field.name] = getattr(parts, field.name)
        m.d.comb += [
            *self._drafting(parts),
            *self._verdicts(parts),
            *self._preverification(parts),
            *_task_times(parts),
            *self._core(parts),
            *events(parts),
        ]
        answered = Signal.like(parts.tvc.tokens)
        with m.If(parts.edc.decided | parts.tvc.done):
            m.d.sync += answered.eq(Mux(parts.tvc.done, parts.tvc.tokens, 0))
        m.d.comb += parts.control_block.decision.eq(decision_word(parts, answered))
        return m

    def _drafting(self, parts: ControllerParts) -> list[Any]:
        """PIM, EDC, and the queue to the NPU."""
        edc, drafts, scheduler = parts.edc, parts.draft_queue, parts.task_scheduler
        return [
            self.batch_ready.eq(scheduler.batch_ready),
            self.resume.eq(scheduler.resume),
            edc.entropy.eq(self.entropy),
            edc.token.eq(self.token & scheduler.batch_ready),
            edc.batch.eq(self.batch & scheduler.batch_ready),
            edc.flush.eq(scheduler.flush),
            scheduler.batch.eq(self.batch),
            scheduler.edc_ready.eq(edc.ready),
            scheduler.decided.eq(edc.decided),
            scheduler.predicted_keep.eq(edc.prediction.keep_drafting),
            drafts.push.eq(edc.decided),
            drafts.entry.eq(Cat(self.batch_start, self.batch_length, edc.prediction.as_value())),
            drafts.pop.eq(self.draft_pop),
            scheduler.drafts_full.eq(drafts.full),
            self.draft_valid.eq(drafts.valid),
            self.draft.as_value().eq(drafts.head),
        ]

    def _verdicts(self, parts: ControllerParts) -> list[Any]:
        """NPU, the queue from it, EDC, and what a verdict clears."""
        verdicts, scheduler = parts.feedback_queue, parts.task_scheduler
        read = self.read_verdict
        return [
            verdicts.push.eq(self.verdict_push),
            verdicts.entry.eq(self.verdict.as_value()),
            verdicts.pop.eq(scheduler.take_verdict),
            self.verdict_full.eq(verdicts.full),
            self.verdict_read.eq(scheduler.take_verdict),
            read.as_value().eq(verdicts.head),
            scheduler.verdict_waits.eq(verdicts.valid),
            scheduler.verdict_leaves.eq(read.fully & read.leaves),
            parts.edc.verdict.eq(scheduler.take_verdict),
            parts.edc.judged.eq(read.prediction),
            parts.edc.accepted.eq(read.fully),
            parts.draft_queue.clear.eq((scheduler.take_verdict & ~read.fully) | scheduler.flush),
        ]

    def _preverification(self, parts: ControllerParts) -> list[Any]:
        """TVC's answer, the queue to the PIM, and the ranks."""
        waiting, gate, scheduler = parts.preverification_queue, parts.rank_gate, parts.task_scheduler
        return [
            parts.tvc.unverified.eq(self.unverified_tokens),
            scheduler.answered.eq(parts.tvc.done),
            scheduler.any_tokens.eq(parts.tvc.tokens != 0),
            scheduler.queue_full.eq(waiting.full),
            scheduler.preverified.eq(self.preverified),
            self.preverify.eq(scheduler.preverify),
            waiting.push.eq(scheduler.insert),
            waiting.entry.eq(Cat(self.unverified_start, parts.tvc.tokens)),
            waiting.pop.eq(scheduler.finish),
            self.preverification.as_value().eq(waiting.head),
            gate.want_target.eq((waiting.level != 0) & parts.control_block.enable[2]),
            gate.target_ranks.eq(parts.control_block.target_ranks),
            gate.idle.eq(self.units_idle),
            self.rank_enable.eq(gate.enable),
            scheduler.ranks_steady.eq(gate.steady),
            scheduler.on_target.eq(gate.on_target),
        ]

    def _core(self, parts: ControllerParts) -> list[Any]:
        """The bus, and what a core reads."""
        control, scheduler = parts.control_block, parts.task_scheduler
        return [
            control.address.eq(self.address),
            control.write.eq(self.write),
            control.write_data.eq(self.write_data),
            self.read_data.eq(control.read_data),
            self.interrupt.eq(control.interrupt),
            scheduler.edc_on.eq(control.enable[0]),
            scheduler.tvc_on.eq(control.enable[1]),
            scheduler.gating_on.eq(control.enable[2]),
            *queue_words(parts),
            control.status.eq(
                Cat(parts.sample_latch.waiting, parts.edc.ready, parts.tvc.ready, parts.rank_gate.steady)
            ),
        ]


def _task_times(parts: ControllerParts) -> list[Any]:
    """Settings and samples on their way from the core to TVC."""
    control, latch, tvc, scheduler = parts.control_block, parts.sample_latch, parts.tvc, parts.task_scheduler
    return [
        latch.written.eq(control.sampled),
        latch.kind.eq(control.sample_kind),
        latch.cycles.eq(control.sample_cycles),
        latch.length.eq(control.sample_length),
        latch.taken.eq(tvc.sample),
        tvc.sample.eq(latch.waiting & tvc.ready),
        tvc.kind.eq(latch.held_kind),
        tvc.cycles.eq(latch.held_cycles),
        tvc.length.eq(latch.held_length),
        tvc.clock_ratio.eq(control.clock_ratio),
        tvc.kv_length.eq(control.npu_kv_length),
        tvc.elapsed.eq(control.npu_elapsed),
        tvc.consult.eq(scheduler.consult),
        scheduler.running.eq(control.npu_kv_length != 0),
        scheduler.tvc_ready.eq(tvc.ready),
        scheduler.sample_waits.eq(latch.waiting),
    ]
