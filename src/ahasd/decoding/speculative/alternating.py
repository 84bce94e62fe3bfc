"""Draft and target by turns: the draft proposes a batch, the target judges it in one pass."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ahasd.decoding.clock import picoseconds
from ahasd.decoding.decoder import Decoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep, timed
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.speculative.drafter import Drafter
from ahasd.decoding.speculative.drafting_algorithm import check_head
from ahasd.decoding.speculative.round_seconds import round_seconds
from ahasd.decoding.stopping import Stopping
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy
from ahasd.traces.rollout.walk import DraftSignals


class TextDrafter(Protocol):
    """What proposes tokens behind a text that the caller holds; `Drafter` and `NgramDrafter` do."""

    def prefill(self, prompt: Sequence[int]) -> None:
        """Forget the old text, and take the new one in."""

    def can_propose(self, text: Sequence[int]) -> bool:
        """Whether it has a token to propose behind a text, drafted tokens included."""

    def propose(self, text: Sequence[int]) -> tuple[Proposal, DraftSignals]:
        """Propose it, and say what a policy may see of it."""

    def roll_back(self, length: int) -> None:
        """The text is what it was in its first tokens only."""


class AlternatingDecoder(Decoder):
    """Speculative decoding on one device or two that take turns (Leviathan et al. 2211.17192).

    A round drafts until the policy stops and verifies that in one target pass; the accepted tokens and one of
    the target's own become text. After full acceptance the draft takes in its last token and the target's own
    in one step (``catch_up: merged`` in the simulator). Every request starts with a fresh policy, so that it
    does not depend on those before it; one that goes by seconds is told what rounds took when the decoder was made.

    Parameters
    ----------
    target, draft
        Their caches belong to this decoder while a text is decoded.
    algorithm
        When to stop drafting.
    head
        The draft's acceptance head, None if it has none.
    tokenizer
        Of the target, for stop strings; None if there is none.

    Raises
    ------
    AhasdError
        If the algorithm needs an acceptance head and there is none.
    """

    method = "speculative"

    def __init__(
        self,
        target: ModelRunner,
        draft: ModelRunner,
        algorithm: AlgorithmSpec,
        head: Any = None,
        tokenizer: Any = None,
    ) -> None:
        super().__init__(target, tokenizer, str(algorithm))
        check_head(algorithm, head, draft.name)
        self._target, self._draft, self._spec = timed(target), timed(draft), algorithm
        self._head = head if algorithm.algorithm.needs_predicted_acceptance else None
        policy = build_policy(algorithm)
        self._round_seconds = (
            round_seconds(self._target, self._draft, policy.maximum_length) if policy.expects_seconds else {}
        )

    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield the accepted tokens of each round and the target's own."""
        target, vocabulary = self._target, self._target.vocabulary_size
        rule = build_rule(request, vocabulary, "target")
        drafter = self._drafter(request)
        policy = build_policy(self._spec)
        policy.expect(self._round_seconds)
        batches = DraftBatches(policy)
        target.reset()
        # The pass that takes in the prompt gives the first token.
        verdict = rule.own(target.forward(prompt, rows=1)[0], prompt)
        assert verdict.own_token is not None
        recorder.prefilled()
        recorder.verified(0)
        recorder.judged(verdict)
        text = [*prompt, verdict.own_token]
        yield [verdict.own_token]
        drafter.prefill(prompt)
        recorder.prefilled()
        while True:
            # The round yields one token of the target's own beside the drafted ones.
            limit = min(stopping.remaining - 1, request.num_assistant_tokens or stopping.remaining)
            began = picoseconds()
            proposals = draft_batch(drafter, batches, text, limit)
            recorder.drafted += len(proposals)
            logits = target.forward([text[-1], *(proposal.token for proposal in proposals)])
            verdict = rule.judge(proposals, logits, text)
            assert verdict.own_token is not None
            accepted = verdict.accepted
            rejected = accepted < len(proposals)
            recorder.verified(accepted, int(rejected), len(proposals) - accepted - rejected)
            recorder.judged(verdict)
            new = [*(proposal.token for proposal in proposals[:accepted]), verdict.own_token]
            text += new
            # Both caches hold a part of the text without its last token.
            target.roll_back(len(text) - 1)
            drafter.roll_back(len(text) - 1)
            now = picoseconds()
            if not proposals:
                batches.passed_alone(began, now)
            batches.settle(accepted, rejected, now)
            batches.restart(0)
            yield new

    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        return self._draft.steps, self._target.steps

    def _drafter(self, request: GenerationRequest) -> TextDrafter:
        """Make what drafts for one request."""
        return Drafter(self._draft, build_rule(request, self._target.vocabulary_size, "draft"), self._head)


def draft_batch(drafter: TextDrafter, batches: DraftBatches, text: list[int], limit: int) -> list[Proposal]:
    """Draft a batch behind a text, until the policy ends it, the limit is reached or the drafter has no more.

    None is drafted where the policy wants none.

    Parameters
    ----------
    batches
        Takes the batch, if it holds a token.
    limit
        Tokens at most; below 1 none are drafted.
    """
    proposals: list[Proposal] = []
    if limit < 1 or not batches.drafts():
        return proposals
    known, began = list(text), picoseconds()
    batches.begin()
    while len(proposals) < limit and drafter.can_propose(known):
        proposal, signals = drafter.propose(known)
        proposals.append(proposal)
        known.append(proposal.token)
        batches.add(signals, began)
        if batches.ends():
            break
    if proposals:
        batches.hand_over(batches.close())
    return proposals
