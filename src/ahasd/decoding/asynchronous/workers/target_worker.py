"""The target's process."""

from ahasd.decoding.asynchronous.link.link import SharedBoards
from ahasd.decoding.asynchronous.link.messages import Begin, Prefilled, TargetFinished
from ahasd.decoding.asynchronous.verifier_side import VerifierSide
from ahasd.decoding.asynchronous.workers.worker import Worker
from ahasd.decoding.backend import torch
from ahasd.decoding.rules.build_rule import build_rule


class TargetWorker(Worker):
    """Fills in the prompt, then verifies what is drafted, and sends the caller every round."""

    def decode(self, begin: Begin, boards: SharedBoards) -> None:
        """Verify until the text is complete or given up."""
        runner, link = self.runner, self.link
        if len(begin.prompt) > 1:
            runner.forward(begin.prompt[:-1], rows=0)
        side = VerifierSide(
            runner,
            build_rule(begin.request, runner.vocabulary_size, "target"),
            begin.prompt,
            begin.limits,
            begin.coverage,
            boards.drafts,
            boards.text,
            as_distribution=lambda row: torch.from_numpy(row).to(runner.device),
        )
        # Drafting begins when the target is ready, as the clock of the metrics does.
        side.open()
        link.judged.ring()
        self.pipe.send(Prefilled())
        while not side.done and boards.caller.read_word().epoch < begin.number:
            if not side.take():
                self.wait(link.drafted)
                continue
            side.judge()
            found = side.conclude()
            link.judged.ring()
            self.pipe.send(found)
        self.pipe.send(TargetFinished(runner.steps))
