"""What a core sees of the controller: interrupts, counters, queue depths, the last decision."""

from typing import Any

from amaranth import C, Cat, Mux

from ahasd.rtl.top.parts import ControllerParts
from ahasd.rtl.top.registers import Interrupt


def events(parts: ControllerParts) -> list[Any]:
    """What raises an interrupt, and what each counter counts."""
    control, edc, tvc, scheduler = parts.control_block, parts.edc, parts.tvc, parts.task_scheduler
    fully = parts.edc.accepted
    refused = (
        parts.draft_queue.refused
        | parts.feedback_queue.refused
        | parts.preverification_queue.refused
        | parts.sample_latch.refused
    )
    happened = {
        Interrupt.DECISION: edc.decided,
        Interrupt.PREVERIFICATION: scheduler.insert,
        Interrupt.VERDICT: scheduler.take_verdict,
        Interrupt.QUEUE_REFUSED: refused,
        Interrupt.FAULT: edc.fault | parts.sample_latch.invalid,
    }
    counted = {
        "decisions": edc.decided,
        "kept_drafting": edc.decided & (edc.prediction.keep_drafting | ~scheduler.edc_on),
        "consulted": scheduler.consult,
        "preverifications": scheduler.insert,
        "preverified_tokens": Mux(tvc.done, tvc.tokens, 0),
        "accepted_batches": scheduler.take_verdict & fully,
        "rejected_batches": scheduler.take_verdict & ~fully,
        "rank_switches": parts.rank_gate.switched,
    }
    return [
        *(control.set_flags[flag.bit_length() - 1].eq(event) for flag, event in happened.items()),
        *(getattr(control, f"count_{name}").eq(amount) for name, amount in counted.items()),
    ]


def decision_word(parts: ControllerParts, answered: Any) -> Any:
    """The register of the last decision."""
    edc = parts.edc
    return Cat(
        parts.task_scheduler.keep,
        parts.rank_gate.on_target,
        C(0, 6),
        _field(answered, 8),
        _field(edc.prediction.index, 12),
        edc.llr,
    )


def queue_words(parts: ControllerParts) -> list[Any]:
    """Drive the registers of the queues' depths."""
    control = parts.control_block
    queues = (parts.draft_queue, parts.feedback_queue, parts.preverification_queue)
    return [
        control.queue_levels.eq(Cat(_field(queue.level, 8) for queue in queues)),
        control.queue_peaks.eq(Cat(_field(queue.peak, 8) for queue in queues)),
    ]


def _field(value: Any, bits: int) -> Any:
    """A value in so many bits of a register; of sizes beyond the defaults it shows the low ones."""
    return Cat(value, C(0, bits))[:bits]
