"""The checker has power: faults put into the schedule are noticed by it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from ahasd.speculation.asynchronous.contention import Contention
from ahasd.speculation.asynchronous.drafter.feedback import FeedbackReader
from ahasd.speculation.asynchronous.drafter.look_ahead import LookAhead
from ahasd.speculation.asynchronous.entries import TargetEntries
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.text import Text
from ahasd.speculation.asynchronous.verifier.preverifier import Preverifier
from ahasd.speculation.asynchronous.verifier.verifier import Verifier
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationControl
from ahasd.speculation.ledger import TokenLedger
from ahasd.traces.rollout.walk import DraftChain

from .checker import ViolationError, check

SCHEDULES = 150
Change = tuple[type, str, Any]

no_assertion: Change = (TargetEntries, "require", lambda self, count: None)
"""The code's own guard, out of the way."""

CONTROLLED = {"edc": True, "tvc": True, "aau": True, "minimum_pending": 1}
BESIDE = {**CONTROLLED, "transfer": 1, "polling": 0, "gate": 0}
FOLLOW = {**BESIDE, "preverification": "follow", "ideal_kv_entries": False, "layers": 5}
NO_QUEUE_WAITS = {"queues": {"unverified_drafts": 9, "feedback": 9, "preverification": 1}}


@contextmanager
def changed(*changes: Change) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, what in changes:
            stack.enter_context(mock.patch.object(owner, name, what))
        yield


def shifted_start(context: Callable[[Any, int], int]) -> Change:
    """A pass that begins at another context than the text's."""
    start = Verifier._start

    def shifted(self: Any, end: int) -> None:
        shared, text = self._shared, self._shared.text
        emitted = text.base + text.verified
        # The context is the prompt's length + what is emitted - 1.
        prompt = context(shared, shared.machine.lengths.prompt + emitted - 1) - emitted + 1
        seen = SimpleNamespace(lengths=SimpleNamespace(prompt=prompt))
        with mock.patch.object(shared, "machine", seen):
            start(self, end)

    return Verifier, "_start", shifted


def early(self: Any, found: Any, precommit: Any = Verifier.precommit) -> None:
    precommit(self, replace(found, start=0))


def keeps_drafts(self: Any, now: int, own_token: Any = Text._own_token) -> None:
    drafts = self.drafts
    own_token(self, now)
    self.drafts = list(drafts)


def twice(self: Any, accepted: int, own: int, now: int, emit: Any = TokenLedger.emit) -> None:
    emit(self, accepted + (accepted > 1), own, now)


def deaf(self: Any, read: Any = FeedbackReader.read) -> bool:
    """Looks at its queue every other time only."""
    self.looks = getattr(self, "looks", 0) + 1
    return bool(self.looks % 2 and read(self))


def hasty(self: Any, verdict: Any, restart: Any = LookAhead.restart) -> None:
    restart(self, verdict)
    self.unseen = 1


def on_its_own(self: Any, tokens: int, plan: Any = Preverifier._plan) -> Any:
    return replace(plan(self, tokens), follows=None)


def at_once(self: Any, running: Any, pim: Any) -> tuple[float, float]:
    return 1.0, 1.0


def one_too_many(self: Any, chain: Any, tokens: Any = Preverifier.tokens) -> int:
    found = tokens(self, chain)
    return found + 1 if found else 0


def beside_the_stream(self: Any, npu: Any, pim: Any) -> tuple[float, float]:
    return 1.0, 1.0


FAULTS: dict[str, tuple[str, dict[str, Any], tuple[Change, ...]]] = {
    "a pass that starts one token too far": (
        "a pass feeds from the last emitted token on",
        {},
        (no_assertion, shifted_start(lambda shared, context: context + 1)),
    ),
    "a provisional verdict that commits before its predecessor": (
        "no pass of the target has told what follows",
        {**BESIDE, "preverification": "recompute"},
        (
            (Verifier, "precommit", early),
            (TimeAwareVerificationControl, "committed", lambda self, tokens: None),
        ),
    ),
    "entries that are not rolled back": (
        "a pass feeds from the last emitted token on",
        {},
        (
            (TargetEntries, "roll_back", lambda self, count: None),
            shifted_start(lambda shared, context: shared.entries.written),
        ),
    ),
    "a flushed token that is emitted": (
        "emitted before it was drafted",
        {},
        ((Text, "_own_token", keeps_drafts),),
    ),
    "a token that is counted twice": ("as many tokens as", {}, ((TokenLedger, "emit", twice),)),
    "a rejected token that is emitted": (
        "the target rejects it",
        {},
        (
            (DraftChain, "accepted", lambda self, j: True),
            (DraftChain, "leading_accepted", lambda self, limit: limit),
        ),
    ),
    "a drafter that ignores verdicts": (
        "a verdict is left unread",
        {},
        ((FeedbackReader, "read", deaf),),
    ),
    "a drafter that does not catch up": (
        "an entry of the draft that is not there",
        {"catch_up": "merged"},
        ((LookAhead, "restart", hasty),),
    ),
    "messages that take no time": (
        "travels",
        {"transfer": 3, "ideal_control_latency": False},
        ((Shared, "arrival", property(lambda self: self.engine.now)),),
    ),
    "a follower that follows nobody": (
        "entries that do not exist",
        FOLLOW,
        (no_assertion, (Preverifier, "_plan", on_its_own)),
    ),
    "a follower that does not wait": (
        "ahead of what it follows",
        {**FOLLOW, "ideal_rank_sharing": True},
        ((Contention, "_following", at_once),),
    ),
    "a pre-verification of what is not there": (
        "a verdict on no token",
        {**BESIDE, "preverification": "recompute"},
        ((Preverifier, "tokens", one_too_many),),
    ),
    "a batch on its way that is forgotten": (
        "a pass that begins too late",
        {"transfer": 15, "tvc": False, **NO_QUEUE_WAITS},
        ((Verifier, "_look_when_visible", lambda self: None),),
    ),
    "ranks that stream while they compute": (
        "the ranks compute and stream at once",
        {**BESIDE, "preverification": "race", "ideal_rank_sharing": False},
        ((Contention, "_speeds", beside_the_stream),),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(play, fault):
    says, options, changes = FAULTS[fault]
    with changed(*changes):
        assert noticed(play, options, says)


def test_a_pass_that_starts_at_the_written_entries_is_no_fault(play):
    """What is wrong with entries that are not rolled back is just that, not how the test shows it."""
    with changed(shifted_start(lambda shared, context: shared.entries.written)):
        for number in range(SCHEDULES):
            check(play(number))


def noticed(play: Callable[..., Any], options: dict[str, Any], says: str) -> bool:
    """Whether the checker says so of one of the schedules that the code's own assertions let pass."""
    for number in range(SCHEDULES):
        try:
            played = play(number, **options)
        except (AssertionError, ValueError, RuntimeError, IndexError):
            continue
        try:
            check(played)
        except ViolationError as violation:
            if says in str(violation):
                return True
    return False
