"""Runs of random asynchronous schedules, each with a log of its events."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest

from ahasd.speculation.machine import Machine
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import TraceWalk

from ...policies import EntropyAbove
from .log import Log, Played, observed
from .schedules import Draws, coin_table, options


@pytest.fixture(scope="module")
def play(
    setting_of: Callable[..., Machine], trace_of: Callable[..., RolloutTrace]
) -> Iterator[Callable[..., Played]]:
    """Run schedule number n; keyword arguments replace random options of its machine."""

    @lru_cache(4096)
    def trace(number: int) -> RolloutTrace:
        return trace_of(*coin_table(number))

    def play(number: int, **given: Any) -> Played:
        draws = Draws(0, number)
        machine = setting_of(**options(draws) | given)
        walk = TraceWalk(trace(draws.below(4096)), draws.below(3), "recorded")
        tokens = draws.among(5, 5, 6, 7, 8, 9, 10, 12, 16, 25)
        policy = EntropyAbove(1 + draws.below(5), draws.among(1.0, 2.0, 9.0))
        events: list[tuple[Any, ...]] = []
        Log.events = events
        outcome = machine.run(walk, policy, tokens)
        outcome.ledger.check()
        return Played(number, machine, walk.trace, tokens, events, outcome)

    with observed():
        yield play
