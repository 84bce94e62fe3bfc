"""The target's process."""

from ahasd.decoding.asynchronous.link.link import SharedBoards
from ahasd.decoding.asynchronous.link.messages import Begin, Prefilled, TargetFinished
from ahasd.decoding.asynchronous.link.text_board import Origin, TextToken
from ahasd.decoding.asynchronous.verifier_side import Round, VerifierSide
from ahasd.decoding.asynchronous.workers.worker import Worker
from ahasd.decoding.backend import torch
from ahasd.decoding.rules.build_rule import build_rule


class TargetWorker(Worker):
    """Fills in the prompt, then verifies what is drafted, and sends the caller every round."""

    def decode(self, begin: Begin, boards: SharedBoards) -> None:
        """Verify until the text is complete or given up."""
        runner, link = self.runner, self.link
        rule = build_rule(begin.request, runner.vocabulary_size, "target")
        # The pass that takes in the prompt gives the first token.
        verdict = rule.own(runner.forward(begin.prompt, rows=1)[0], begin.prompt)
        assert verdict.own_token is not None
        boards.text.write(0, [TextToken(verdict.own_token, Origin.BONUS)])
        side = VerifierSide(
            runner,
            rule,
            begin.prompt,
            begin.limits,
            begin.coverage,
            boards.drafts,
            boards.text,
            generated=[verdict.own_token],
            as_distribution=lambda row: torch.from_numpy(row).to(runner.device),
        )
        # Drafting begins when the target is ready, as the clock of the metrics does.
        side.open()
        link.judged.ring()
        self.pipe.send(Round([verdict.own_token], 0, 0, [verdict]))
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
