"""The verifier: judges what is drafted, and is the only one who writes the text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from ahasd.decoding.asynchronous.coverage import Coverage, tokens_to_verify
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.draft_board import DraftBoard
from ahasd.decoding.asynchronous.link.text_board import Origin, TextBoard, TextToken
from ahasd.decoding.asynchronous.link.word import Word
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.rules.rule import DecodingRule, Judgement, Proposal


@dataclass(frozen=True, slots=True)
class Round:
    """What one target pass yielded.

    Parameters
    ----------
    tokens
        New text, at least one token.
    accepted, rejected
        Drafted tokens that became text, and the one, if any, that a token of the target's own replaced.
    verdicts
        Of the pass, and of the token that was judged by the logits at hand, for their margins.
    """

    tokens: list[int]
    accepted: int
    rejected: int
    verdicts: list[Judgement]


class VerifierSide:
    """The verifier's half of the protocol, for one request; knows nothing of processes.

    Life cycle: ``open`` lets the drafter begin. Then ``take``; when that says yes, ``judge``, ``conclude``, and
    again; when it says no, take again once the drafter has published. Over as soon as ``done``.

    Parameters
    ----------
    runner
        The target; its cache holds nothing but a beginning of this prompt.
    rule
        Of the target's side of the request.
    prompt
        Token ids, at least one.
    limits
        Where the text ends.
    coverage
        What a pass covers.
    drafts
        The board it reads.
    text
        The board it writes.
    generated
        Text after the prompt that exists already, when this verifier takes over from another.
    as_distribution
        Turns a distribution of the board, a float32 array (vocabulary,), into what the rule wants.
    """

    def __init__(
        self,
        runner: ModelRunner,
        rule: DecodingRule,
        prompt: Sequence[int],
        limits: TextLimits,
        coverage: Coverage,
        drafts: DraftBoard,
        text: TextBoard,
        generated: Sequence[int] = (),
        as_distribution: Callable[[Any], Any] = lambda row: row,
    ) -> None:
        self._runner, self._rule, self._limits, self._coverage = runner, rule, limits, coverage
        self._drafts, self._text = drafts, text
        self._as_distribution = as_distribution
        self._tokens = [*prompt, *generated]
        self._prompt_length = len(prompt)
        self._epoch = 0
        self._taken: list[Proposal] = []
        self._row: Any = None
        self._verdict: Judgement | None = None

    @property
    def done(self) -> bool:
        """Whether the text is complete."""
        return self._length > 0 and self._limits.ended(self._length, self._tokens[-1])

    @property
    def _length(self) -> int:
        return len(self._tokens) - self._prompt_length

    def open(self) -> None:
        """Begin a new epoch with the text as it is: whatever was drafted before does not count."""
        self._publish(new_epoch=True)

    def take(self) -> bool:
        """Take what there is to verify; whether a pass is due."""
        length, word = self._length, self._drafts.read_word()
        pending = word.length - length if word.epoch == self._epoch else 0
        ends = [self._drafts.ends_batch(length + place) for place in range(pending)]
        alone = not self._limits.has_draft_room(length)
        count = tokens_to_verify(self._coverage, ends, word.flag)
        self._taken = [self._read(length + place) for place in range(count)]
        return count > 0 or alone

    def judge(self) -> None:
        """Run the target over the last token of the text and what was taken."""
        unread = self._tokens[self._runner.length :]
        rows = len(self._taken) + 1
        logits = self._runner.forward([*unread, *(draft.token for draft in self._taken)], rows)
        self._verdict = self._rule.judge(self._taken, logits, self._tokens, own=False)
        self._row = logits[-1]

    def conclude(self) -> Round:
        """Settle what comes behind the pass, and publish.

        Behind a fully accepted pass stands the drafter's next token, if it is there by now and passes the same test
        by the logits at hand; otherwise a token of the target's own.
        """
        verdict = self._verdict
        assert verdict is not None, "nothing was judged"
        self._verdict = None
        accepted, own, origin = verdict.accepted, verdict.own_token, Origin.CORRECTION
        found = [TextToken(draft.token, Origin.DRAFT) for draft in self._taken[:accepted]]
        verdicts = [verdict]
        text = [*self._tokens, *(token for token, _ in found)]
        length = self._length + accepted
        complete = bool(found) and self._limits.ended(length, found[-1].token)
        if own is None and not complete:
            word = self._drafts.read_word()
            if word.epoch == self._epoch and word.length > length:
                draft = self._read(length)
                following = self._rule.judge_next(draft, self._row, text)
                if following.accepted:
                    found.append(TextToken(draft.token, Origin.DRAFT))
                    accepted += 1
            else:
                following, origin = self._rule.own(self._row, text), Origin.BONUS
            verdicts.append(following)
            own = following.own_token
        if own is not None:
            found.append(TextToken(own, origin))
        self._text.write(self._length, found)
        self._tokens += [token for token, _ in found]
        self._runner.roll_back(min(self._runner.length, len(self._tokens) - 1))
        self._publish(new_epoch=own is not None)
        rejected = own is not None and origin is Origin.CORRECTION
        return Round([token for token, _ in found], accepted, int(rejected), verdicts)

    def _read(self, index: int) -> Proposal:
        draft = self._drafts.read(index, self._rule.needs_distribution)
        row = draft.probabilities
        return Proposal(draft.token, nan, nan, None if row is None else self._as_distribution(row))

    def _publish(self, new_epoch: bool) -> None:
        if new_epoch:
            self._epoch = self._text.read_word().epoch + 1
        self._text.publish(Word(self._epoch, self._length, self.done))
