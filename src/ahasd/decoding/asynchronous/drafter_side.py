"""The drafter: goes on behind its own drafts, and follows the text when that takes another way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.asynchronous.governor import Governor
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.draft_board import Draft, DraftBoard
from ahasd.decoding.asynchronous.link.text_board import Origin, TextBoard
from ahasd.decoding.asynchronous.link.word import Word
from ahasd.decoding.speculative.drafter import Drafter


class DrafterState(Enum):
    """What the drafter can do next."""

    READY = auto()
    """Draft a token."""
    WAITING = auto()
    """Nothing, until the text changes."""
    DONE = auto()
    """Nothing more: the text is complete."""


@dataclass(slots=True)
class DraftCounts:
    """What became of the drafts, as far as only the drafter knows.

    Attributes
    ----------
    drafted
        All of them.
    flushed
        Those that no verdict was given on, because the text took another way before them.
    """

    drafted: int = 0
    flushed: int = 0


class DrafterSide:
    """The drafter's half of the protocol, for one request; knows nothing of processes.

    Life cycle: ``look``; when that says ready, ``draft``, then ``look`` again. When it says waiting, look again once
    the verifier has published.

    Parameters
    ----------
    drafter
        Proposes behind a text; its cache holds nothing but a beginning of this prompt.
    prompt
        Token ids, at least one.
    limits
        Where the text ends; nothing is drafted behind that.
    governor
        Ends batches, and says when to wait; fresh.
    drafts
        The board it writes; its ring bounds the tokens drafted ahead.
    text
        The board it reads.
    with_probabilities
        Whether the verifier needs the distributions of the drafts.
    after_epoch
        Words of the verifier up to this epoch belong to an earlier request, or an earlier drafter of this one.
    as_row
        Turns a distribution of the drafter into what the board takes, a float32 array (vocabulary,).
    """

    def __init__(
        self,
        drafter: Drafter,
        prompt: Sequence[int],
        limits: TextLimits,
        governor: Governor,
        drafts: DraftBoard,
        text: TextBoard,
        with_probabilities: bool = False,
        after_epoch: int = 0,
        as_row: Callable[[Any], npt.NDArray[np.float32]] = np.asarray,
    ) -> None:
        self._drafter, self._limits, self._governor = drafter, limits, governor
        self._drafts, self._text = drafts, text
        self._with_probabilities, self._as_row = with_probabilities, as_row
        self._tokens = list(prompt)
        self._prompt_length = len(prompt)
        self._verified = 0
        self._after_epoch = after_epoch
        self._seen: Word | None = None
        self._told_stopped = False
        self.counts = DraftCounts()

    @property
    def in_flight(self) -> int:
        """Drafted tokens that no verdict was given on yet, as far as the text was read."""
        return self._length - self._verified

    @property
    def _length(self) -> int:
        return len(self._tokens) - self._prompt_length

    def look(self) -> DrafterState:
        """Follow the text, and say what comes next."""
        word = self._text.read_word()
        if word.epoch > self._after_epoch and word != self._seen:
            self._follow(word)
        if self._seen is None:
            return DrafterState.WAITING
        if self._seen.flag:
            return DrafterState.DONE
        if not self._must_wait():
            return DrafterState.READY
        if not self._told_stopped:
            self._publish(stopped=True)
        return DrafterState.WAITING

    def draft(self) -> None:
        """Draft one token and publish it; only after ``look`` has said ready."""
        self._governor.step_begins()
        proposal, signals = self._drafter.propose(self._tokens)
        probabilities = self._as_row(proposal.distribution) if self._with_probabilities else None
        ends_batch = self._governor.drafted(signals)
        self._drafts.write(self._length, Draft(proposal.token, probabilities, ends_batch))
        self._tokens.append(proposal.token)
        self.counts.drafted += 1
        self._publish(stopped=False)

    def _must_wait(self) -> bool:
        length = self._length
        return (
            self.in_flight >= self._drafts.capacity
            or (length > 0 and self._limits.ended(length, self._tokens[-1]))
            or not self._limits.has_draft_room(length)
            or self._governor.waits
        )

    def _follow(self, word: Word) -> None:
        """Take in what the text has gained; give up what it contradicts."""
        gained = self._text.read(self._verified, word.length)
        start = self._prompt_length + self._verified
        own = self._tokens[start : start + len(gained)]
        agreed = next((place for place, token in enumerate(own) if token != gained[place].token), len(own))
        # A token of the target's own that the drafter had as well was never judged as a draft.
        self.counts.flushed += sum(origin is not Origin.DRAFT for _, origin in gained[:agreed])
        if agreed < len(gained):
            divergence = self._verified + agreed
            rejected = agreed < len(own) and gained[agreed].origin is Origin.CORRECTION
            self.counts.flushed += self._length - divergence - rejected
            del self._tokens[start + agreed :]
            self._tokens += [token for token, _ in gained[agreed:]]
            self._drafter.roll_back(start + agreed)
            self._governor.restart(word.length, divergence, rejected)
        else:
            self._governor.verified(word.length)
        self._verified = word.length
        if self._seen is None or word.epoch != self._seen.epoch:
            # What is left of the drafts continues the text of this epoch too.
            self._seen = word
            self._publish(stopped=False)
        self._seen = word

    def _publish(self, stopped: bool) -> None:
        assert self._seen is not None, "nothing is drafted before the text is known"
        self._drafts.publish(Word(self._seen.epoch, self._length, stopped))
        self._told_stopped = stopped
