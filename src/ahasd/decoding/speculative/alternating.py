"""Draft and target by turns: the draft proposes a batch, the target judges it in one pass."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from ahasd.decoding.decoder import Decoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.speculative.drafter import Drafter
from ahasd.decoding.speculative.drafting_algorithm import check_head
from ahasd.decoding.stopping import Stopping
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy


class AlternatingDecoder(Decoder):
    """Speculative decoding on one device or two that take turns (Leviathan et al. 2211.17192).

    A round drafts until the policy stops and verifies that in one target pass; the accepted tokens and one of
    the target's own become text. After full acceptance the draft takes in its last token and the target's own
    in one step (``catch_up: merged`` in the simulator). Every request starts with a fresh policy, so that it
    does not depend on those before it.

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
        self._target, self._draft, self._spec = target, draft, algorithm
        self._head = head if algorithm.algorithm.needs_predicted_acceptance else None

    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield the accepted tokens of each round and the target's own."""
        target, vocabulary = self._target, self._target.vocabulary_size
        rule = build_rule(request, vocabulary, "target")
        drafter = Drafter(self._draft, build_rule(request, vocabulary, "draft"), self._head)
        policy = build_policy(self._spec)
        text = list(prompt)
        target.reset()
        if len(text) > 1:
            target.forward(text[:-1], rows=0)
        drafter.prefill(text)
        recorder.prefilled()
        number = 0
        while True:
            began = perf_counter()
            # The round yields one token of the target's own beside the drafted ones.
            limit = min(stopping.remaining - 1, request.num_assistant_tokens or stopping.remaining)
            proposals = draft_batch(drafter, policy, number, text, limit)
            recorder.drafted += len(proposals)
            logits = target.forward([text[-1], *(proposal.token for proposal in proposals)])
            verdict = rule.judge(proposals, logits, len(text))
            assert verdict.own_token is not None
            accepted = verdict.accepted
            rejected = int(accepted < len(proposals))
            recorder.verified(accepted, rejected, len(proposals) - accepted - rejected)
            recorder.judged(verdict)
            new = [*(proposal.token for proposal in proposals[:accepted]), verdict.own_token]
            text += new
            # Both caches hold a part of the text without its last token.
            target.roll_back(len(text) - 1)
            drafter.roll_back(len(text) - 1)
            if proposals:
                policy.verified(number, len(proposals), accepted, perf_counter() - began)
            number += 1
            yield new


def draft_batch(
    drafter: Drafter, policy: DraftingPolicy, number: int, text: list[int], limit: int
) -> list[Proposal]:
    """Draft behind a text until the policy stops, the limit is reached or the draft's context is full.

    Parameters
    ----------
    number
        Of the round.
    limit
        Tokens at most; below 1 none are drafted.
    """
    proposals: list[Proposal] = []
    known = list(text)
    if limit > 0:
        policy.start(number)
    while len(proposals) < limit and drafter.has_room(len(known)):
        proposal, signals = drafter.propose(known)
        proposals.append(proposal)
        known.append(proposal.token)
        if policy.should_stop(signals):
            break
    return proposals
