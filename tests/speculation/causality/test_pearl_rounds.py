"""Random rounds of PEARL keep causality, and faults that are put into them are noticed."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from ahasd.speculation.machine import Machine
from ahasd.speculation.pearl import Pearl
from ahasd.traces.rollout.chain import DraftChain
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk

from ...policies import EntropyAbove
from .checker import ViolationError
from .log import Log, Played, observed
from .pearl_replay import PearlReplay
from .schedules import Draws, coin_table, options

ROUNDS = 400
TAKEN = ("draft", "target", "transfer", "polling", "channel", "placement")

Replayed = Callable[[int], None]


@pytest.fixture
def replay(setting_of: Callable[..., Machine], trace_of: Callable[..., RolloutTrace]) -> Replayed:
    """Run number n and check its events."""

    def replay(number: int) -> None:
        draws = Draws(2, number)
        given = {name: value for name, value in options(draws).items() if name in TAKEN}
        block_length = draws.among("policy", "policy", "speed_ratio")
        machine = setting_of(**given, schedule="pearl", block_length=block_length)
        walk = TraceWalk(trace_of(*coin_table(number)), draws.below(3), "recorded")
        policy = EntropyAbove(1 + draws.below(5), draws.among(1.0, 2.0, 9.0))
        tokens = draws.among(5, 6, 8, 12, 25)
        events: list[tuple[Any, ...]] = []
        Log.events = events
        with observed():
            outcome = machine.run(walk, policy, tokens)
        played = Played(number, machine, walk.trace, tokens, events, outcome)
        seen = PearlReplay(played, walk.start().row)
        seen.check(events)
        assert seen.emitted == outcome.ledger.emitted >= tokens
        assert outcome.end == outcome.ledger.last_emission

    return replay


def replay_all(replay: Replayed) -> None:
    for number in range(ROUNDS):
        replay(number)


def test_random_rounds_keep_causality(replay: Replayed) -> None:
    replay_all(replay)


def without_message(self: Any) -> None:
    self._running -= 1
    if not self._running:
        self._engine.at(self._engine.now, self._judge)


def one_verdict_more(self: Any, judge: Any = Pearl._judge) -> None:
    if len(self._drafts) > self._block.start + 1:
        self._block = self._block._replace(start=self._block.start + 1)
    judge(self)


def keeps_drafts(self: Any, restart: Any = Pearl._restart) -> None:
    drafts = self._drafts
    restart(self)
    self._drafts = list(drafts)


def feeds_a_token_more(self: Any, begin: Any = Pearl._begin) -> None:
    """The pass covers what is only drafted beside it."""
    self._verified -= 1
    try:
        begin(self)
    finally:
        self._verified += 1


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        (Pearl, "_side_done", without_message),
        (Pearl, "_judge", one_verdict_more),
        (Pearl, "_restart", keeps_drafts),
        (Pearl, "_begin", feeds_a_token_more),
        (DraftChain, "accepted", lambda chain, offset: True),
    ],
)
def test_a_fault_is_noticed(replay: Replayed, owner: type, name: str, fault: Callable[..., Any]) -> None:
    with mock.patch.object(owner, name, fault), pytest.raises(ViolationError):
        replay_all(replay)
