"""The draft model at work: it follows a text and proposes what comes next."""

from collections.abc import Sequence
from typing import Any, Protocol

from ahasd.decoding.backend import torch
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.rules.rule import Proposal
from ahasd.traces.rollout.walk import DraftSignals

#: Fed in place of a token that the draft has no embedding for (ours): it may misguide the draft, never the text.
UNKNOWN = 0


class Proposing(Protocol):
    """The draft's half of a `DecodingRule`: what proposes needs no more of it."""

    def propose(self, logits: Any, text: Sequence[int]) -> Proposal:
        """See `DecodingRule.propose`."""

    def certain(self, token: int) -> Proposal:
        """See `DecodingRule.certain`."""


class Drafter:
    """Proposes tokens behind a text that the caller holds, whoever wrote it.

    The text is given whole every time; only what the model has not seen yet is fed. After a text was corrected,
    call `roll_back` with the length up to which the old and the new one agree.

    Parameters
    ----------
    runner
        The draft; its cache belongs to this object.
    rule
        Of the draft's side of the request.
    head
        Acceptance head, if the drafting algorithm needs one. A token is then consumed as soon as it is
        proposed, because the head reads the state behind it (the simulator does not charge that step).
    """

    def __init__(self, runner: ModelRunner, rule: Proposing, head: Any = None) -> None:
        self._runner, self._rule, self._head = runner, rule, head
        self._row: Any = None
        runner.keep_states = head is not None

    def prefill(self, prompt: Sequence[int]) -> None:
        """Forget the old text and consume the new one, if it has room for it; proposals come behind more of it."""
        self._runner.reset()
        self._row = None
        if self.has_room(len(prompt)):
            self._runner.forward(self._known(prompt), rows=0)

    def has_room(self, length: int) -> bool:
        """Whether the draft's context holds a text of this length, so that it can propose behind it."""
        limit = self._runner.context_limit
        return limit is None or length <= limit

    def can_propose(self, text: Sequence[int]) -> bool:
        """Whether it can propose behind a text: as long as there is room."""
        return self.has_room(len(text))

    def propose(self, text: Sequence[int]) -> tuple[Proposal, DraftSignals]:
        """Propose the next token of a text of at least one token, and say what a policy may see of it."""
        self._consume(text)
        proposal = self._rule.propose(self._row, text)
        return proposal, DraftSignals(
            proposal.entropy, proposal.probability, self._predicted_acceptance(text, proposal)
        )

    def roll_back(self, length: int) -> None:
        """Forget what was consumed behind the first `length` tokens."""
        if length < self._runner.length:
            self._runner.roll_back(length)
            self._row = None

    def _predicted_acceptance(self, text: Sequence[int], proposal: Proposal) -> float | None:
        if self._head is None:
            return None
        if not self.has_room(len(text) + 1):
            return 0.0  # it cannot be consumed, and no further token can be drafted
        self._consume([*text, proposal.token])
        states = self._runner.states[-1:].float()
        with torch.inference_mode():
            return float(self._head.acceptance(states, states.new_tensor([proposal.probability])))

    def _consume(self, text: Sequence[int]) -> None:
        runner = self._runner
        if self._row is None and runner.length >= len(text):
            runner.roll_back(len(text) - 1)  # consumed, but its logits are gone
        if runner.length < len(text):
            self._row = runner.forward(self._known(text[runner.length :]), rows=1)[0]

    def _known(self, tokens: Sequence[int]) -> Sequence[int]:
        size = self._runner.vocabulary_size
        if max(tokens) < size:
            return tokens
        return [token if token < size else UNKNOWN for token in tokens]
