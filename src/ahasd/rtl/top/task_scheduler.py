"""The gated task scheduler: what follows on what, from the end of a draft batch until drafting goes on."""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

_INPUTS = (
    "edc_on",
    "tvc_on",
    "gating_on",
    "edc_ready",
    "decided",
    "predicted_keep",
    "verdict_waits",
    "verdict_leaves",
    "drafts_full",
    "batch",
    "running",
    "tvc_ready",
    "sample_waits",
    "answered",
    "any_tokens",
    "queue_full",
    "ranks_steady",
    "on_target",
    "preverified",
)
_OUTPUTS = (
    "take_verdict",
    "flush",
    "consult",
    "insert",
    "finish",
    "preverify",
    "batch_ready",
    "resume",
    "keep",
)


class TaskScheduler(wiring.Component):
    """A batch ends, EDC decides; if it says stop, TVC is asked; if n is 1 or more, the ranks switch there and back.

    Ports
    -----
    edc_on, tvc_on, gating_on
        Settings.
    edc_ready, decided, predicted_keep, take_verdict, flush
        EDC: it can take something; its decision is there, and which; give it the oldest verdict; let it forget.
    verdict_waits, verdict_leaves, drafts_full, batch
        A verdict is in its queue, after which the text goes on elsewhere; the queue of drafts is full; a batch ends
        (only while ``batch_ready``).
    running, tvc_ready, sample_waits, consult, answered, any_tokens
        TVC: a verification runs on the NPU; it can take something, a sample goes first; ask it; its answer is there,
        and says at least one token.
    queue_full, insert, finish
        The queue of pre-verifications.
    ranks_steady, on_target, preverified, preverify
        The ranks can be used, and which; the pre-verification has ended; it may begin.
    batch_ready, resume, keep
        Tokens and batches are taken; draft on; the last decision.
    """

    def __init__(self) -> None:
        super().__init__({name: In(1) for name in _INPUTS} | {name: Out(1) for name in _OUTPUTS})

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m = Module()
        with m.FSM():
            with m.State("DRAFT"):
                # A verdict goes first, so that the next decision knows of it.
                m.d.comb += [
                    self.take_verdict.eq(self.verdict_waits & self.edc_ready),
                    self.batch_ready.eq(self.edc_ready & ~self.verdict_waits & ~self.drafts_full),
                ]
                with m.If(self.take_verdict & self.verdict_leaves):
                    m.next = "LEAVE"
                with m.Elif(self.batch & self.batch_ready):
                    m.next = "DECIDE"
            with m.State("LEAVE"), m.If(self.edc_ready):
                m.d.comb += self.flush.eq(1)
                m.next = "DRAFT"
            with m.State("DECIDE"), m.If(self.decided):
                m.d.sync += self.keep.eq(self.predicted_keep | ~self.edc_on)
                m.next = "ASK"
            with m.State("ASK"):
                with m.If(self.keep | ~self.tvc_on | ~self.running | self.queue_full):
                    m.d.comb += self.resume.eq(1)
                    m.next = "DRAFT"
                with m.Elif(self.tvc_ready & ~self.sample_waits):
                    m.d.comb += self.consult.eq(1)
                    m.next = "ANSWER"
            with m.State("ANSWER"), m.If(self.answered):
                m.d.comb += [self.insert.eq(self.any_tokens), self.resume.eq(~self.any_tokens)]
                m.next = "DRAFT"
                with m.If(self.any_tokens):
                    m.next = "SWITCH"
            with m.State("SWITCH"), m.If(self.ranks_steady & (self.on_target | ~self.gating_on)):
                m.d.comb += self.preverify.eq(1)
                m.next = "PREVERIFY"
            with m.State("PREVERIFY"), m.If(self.preverified):
                m.d.comb += self.finish.eq(1)
                m.next = "BACK"
            with m.State("BACK"), m.If(self.ranks_steady & ~self.on_target):
                m.d.comb += self.resume.eq(1)
                m.next = "DRAFT"
        return m
