"""A draft model that proposes for all rows of a batch in the same passes."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.batch_row import BatchRow
from ahasd.decoding.batched.drafting.batch_drafts import BatchDrafts
from ahasd.decoding.batched.judging import propose_rows
from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.clock import picoseconds
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import DecodingRule, Proposal
from ahasd.decoding.speculative.drafter import UNKNOWN
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy
from ahasd.traces.rollout.walk import DraftSignals


class ModelDrafts(BatchDrafts):
    """Drafts token by token for all rows at once; a row whose policy stops is left out of the further passes.

    Every row has a policy and a rule of its own, as if it were decoded alone. A row that has no room left in the
    draft's context gets no drafts.

    Parameters
    ----------
    draft
        Its cache belongs to this object.
    algorithm
        When to stop drafting.
    vocabulary
        Of the target.
    head
        Acceptance head, if the algorithm needs one; a token is then consumed as soon as it is proposed.
    """

    def __init__(
        self, draft: TimedPasses, algorithm: AlgorithmSpec, vocabulary: int, head: Any = None
    ) -> None:
        self._draft, self._spec, self._vocabulary, self._head = draft, algorithm, vocabulary, head
        draft.runner.keep_states = head is not None
        self._rules: list[DecodingRule] = []
        self._batches: list[DraftBatches] = []
        #: Logits behind the text of a row, where they are known before they are asked for.
        self._known: dict[int, Any] = {}

    def start(self, rows: Sequence[BatchRow]) -> None:
        """Empty the cache; nothing is read yet."""
        self._draft.start([row.draft_steps for row in rows])
        self._rules = [build_rule(row.request, self._vocabulary, "draft") for row in rows]
        self._batches = [DraftBatches(build_policy(self._spec)) for _ in rows]
        self._known = {}

    def prepare(self, rows: Sequence[BatchRow]) -> None:
        """Read the texts, where there is room for them, but for their last tokens."""
        lengths = self._draft.runner.lengths
        self._feed(
            [
                (place, row.text[lengths[place] : -1], 0)
                for place, row in enumerate(rows)
                if lengths[place] < len(row.text) - 1 and self._has_room(len(row.text) - 1)
            ]
        )

    def propose(self, rows: Sequence[BatchRow]) -> list[list[Proposal]]:
        """Draft for each row until its policy ends the batch, its limit is reached or its context is full."""
        texts, limits = [list(row.text) for row in rows], [row.draft_limit() for row in rows]
        found: list[list[Proposal]] = [[] for _ in rows]
        began = picoseconds()
        for batches, limit in zip(self._batches, limits, strict=True):
            if limit > 0:
                batches.begin()
        active = [
            place for place in range(len(rows)) if limits[place] > 0 and self._has_room(len(texts[place]))
        ]
        while active:
            proposals = propose_rows(
                [self._rules[place] for place in active],
                self._logits(active, texts),
                [texts[place] for place in active],
                self._vocabulary,
            )
            for place, proposal in zip(active, proposals, strict=True):
                found[place].append(proposal)
                texts[place].append(proposal.token)
            predicted = self._predicted_acceptances(active, texts, proposals)
            drafting = []
            for place, proposal, acceptance in zip(active, proposals, predicted, strict=True):
                batches = self._batches[place]
                batches.add(DraftSignals(proposal.entropy, proposal.probability, acceptance), began)
                ended = batches.ends() or len(found[place]) >= limits[place]
                if not ended and self._has_room(len(texts[place])):
                    drafting.append(place)
            active = drafting
        for place, batches in enumerate(self._batches):
            if found[place]:
                batches.hand_over(batches.close())
        return found

    def settle(self, row: int, length: int, accepted: int, rejected: bool) -> None:
        """Cut what was wrong; tell the row's policy."""
        self._known.pop(row, None)
        runner = self._draft.runner
        if length - 1 < runner.lengths[row]:
            runner.cut(row, length - 1)
        self._batches[row].settle(accepted, rejected, picoseconds())
        self._batches[row].restart(0)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._draft.select(rows)
        self._rules = [self._rules[row] for row in rows]
        self._batches = [self._batches[row] for row in rows]
        self._known = {}

    def _has_room(self, length: int) -> bool:
        limit = self._draft.runner.context_limit
        return limit is None or length <= limit

    def _logits(self, active: Sequence[int], texts: Sequence[Sequence[int]]) -> Any:
        """Give the logits behind the texts of active rows, reading what was not read."""
        lengths, known = self._draft.runner.lengths, self._known
        unread = [place for place in active if place not in known]
        logits = self._feed([(place, texts[place][lengths[place] :], 1) for place in unread])
        if not known:
            return logits
        known.update(zip(unread, () if logits is None else logits, strict=True))
        return torch.stack([known.pop(place) for place in active])

    def _predicted_acceptances(
        self, active: Sequence[int], texts: Sequence[Sequence[int]], proposals: Sequence[Proposal]
    ) -> list[float | None]:
        """Ask the head about the tokens proposed last; one that cannot be consumed has 0, as none comes behind it."""
        if self._head is None:
            return [None] * len(active)
        consumed = [place for place in active if self._has_room(len(texts[place]))]
        logits = self._feed([(place, texts[place][-1:], 1) for place in consumed])
        if logits is None:
            return [0.0] * len(active)
        states = self._draft.runner.states.float()
        drawn = dict(zip(active, (each.probability for each in proposals), strict=True))
        with torch.inference_mode():
            found = self._head.acceptance(
                states, states.new_tensor([drawn[place] for place in consumed])
            ).tolist()
        self._known.update(zip(consumed, logits.clone(), strict=True))
        acceptances = dict(zip(consumed, found, strict=True))
        return [acceptances.get(place, 0.0) for place in active]

    def _feed(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> Any:
        """Feed (row, tokens, wanted logits); None if there is nothing to feed."""
        if not parts:
            return None
        size = self._draft.runner.vocabulary_size
        return self._draft.forward(
            [
                RowTokens(row, [token if token < size else UNKNOWN for token in tokens], wanted)
                for row, tokens, wanted in parts
            ]
        )
