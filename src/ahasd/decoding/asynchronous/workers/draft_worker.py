"""The draft's process."""

from ahasd.decoding.asynchronous.drafter_side import DrafterSide, DrafterState
from ahasd.decoding.asynchronous.governor import Governor
from ahasd.decoding.asynchronous.link.link import SharedBoards
from ahasd.decoding.asynchronous.link.messages import Begin, DraftFinished, Prefilled
from ahasd.decoding.asynchronous.workers.worker import Worker
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.speculative.drafter import Drafter
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import build_policy


class DraftWorker(Worker):
    """Fills in the prompt, then drafts ahead of the text."""

    def decode(self, begin: Begin, boards: SharedBoards) -> None:
        """Draft until the text is complete or given up."""
        link, limits = self.link, begin.limits
        rule = build_rule(begin.request, begin.vocabulary, "draft")
        drafter = Drafter(self.runner, rule, self.head)
        if limits.has_draft_room(0):
            drafter.prefill(begin.prompt)
        control = None if begin.control is None else EntropyDraftControl(EntropyDraftControlOptions())
        batches = DraftBatches(build_policy(begin.algorithm), control)
        governor = Governor(batches, begin.request.num_assistant_tokens)
        side = DrafterSide(
            drafter,
            begin.prompt,
            limits,
            governor,
            boards.drafts,
            boards.text,
            with_probabilities=rule.needs_distribution,
            after_epoch=begin.after_epoch,
            as_row=lambda row: row.cpu().numpy(),  # from whatever device the draft is on
        )
        self.pipe.send(Prefilled())
        while boards.caller.read_word().epoch < begin.number:
            state = side.look()
            # A drafter that stops says so, and a verifier that waits for more must hear it.
            if state is DrafterState.DONE:
                break
            if state is DrafterState.READY:
                side.draft()
                link.drafted.ring()
            else:
                link.drafted.ring()
                self.wait(link.judged)
        counts = side.counts
        statistics = None if control is None else control.statistics
        self.pipe.send(DraftFinished(self.runner.steps, counts.drafted, counts.flushed, statistics))
