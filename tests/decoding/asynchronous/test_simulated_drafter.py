"""The drafter of the runtime, given the tokens and verdicts of a simulated run, tells policy and EDC the same."""

import threading
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import pytest

from ahasd.decoding.asynchronous.drafter_side import DrafterSide, DrafterState
from ahasd.decoding.asynchronous.governor import Governor
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.draft_board import DraftBoard
from ahasd.decoding.asynchronous.link.text_board import Origin, TextBoard, TextToken
from ahasd.decoding.asynchronous.link.word import Word
from ahasd.decoding.rules.rule import Proposal
from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import build_policy, parse_algorithm
from ahasd.traces.rollout.walk import DraftSignals, TraceWalk

from ...policies import Listening, ListeningEdc

TOKENS, ROOM = 60, 512
DRAFTED, OWN = 0, 1
"""Ids of tokens: of the draft, and of the target where it does not take the draft's."""


class SeenBatches(DraftBatches):
    """Notes tokens that the policy was asked about, and verdicts; one read during a step stands before its token."""

    events: list[tuple[Any, ...]]
    _token: tuple[DraftSignals, int] | None = None

    def add(self, signals: DraftSignals, began: int) -> None:
        super().add(signals, began)
        self._token = signals, began

    def ends(self) -> bool:
        assert self._token is not None
        self.events.append(("token", *self._token))
        self._token = None
        return super().ends()

    def settle(self, verified: int, rejected: bool, now: int) -> None:
        super().settle(verified, rejected, now)
        self.events.append(("verdict", verified, rejected, now))

    def restart(self, start: int) -> None:
        super().restart(start)
        self.events.append(("restart",))
        self._token = None


class Replay:
    """The runtime's drafter between boards of its own; the test is its model, its verifier and its clock."""

    def __init__(self, batches: DraftBatches) -> None:
        lock = threading.Lock()
        self.now, self.epoch, self.base, self.verified = 0, 1, 0, 0
        self.signals = DraftSignals(0.0, 0.0, None)
        self.text = TextBoard(memoryview(bytearray(TextBoard.bytes_needed(ROOM))), lock, ROOM)
        self.text.publish(Word(self.epoch, 0))
        self.side = DrafterSide(
            self,  # type: ignore[arg-type]
            [OWN],
            TextLimits(ROOM),
            Governor(batches, clock=lambda: self.now),
            DraftBoard(memoryview(bytearray(DraftBoard.bytes_needed(ROOM, 1))), lock, ROOM, 1),
            self.text,
        )

    def propose(self, text: list[int]) -> tuple[Proposal, DraftSignals]:
        return Proposal(DRAFTED, 0.0, 0.0), self.signals

    def roll_back(self, length: int) -> None:
        pass

    def token(self, signals: DraftSignals, began: int) -> None:
        assert self.side.look() is DrafterState.READY, "a token that the runtime would not have drafted"
        self.signals, self.now = signals, began
        self.side.draft()

    def verdict(self, verified: int, rejected: bool, now: int, leaves: bool) -> None:
        """Emit what was verified behind the text, and the target's own token if the text leaves the drafts."""
        tokens = [TextToken(DRAFTED, Origin.DRAFT)] * (verified - self.verified)
        if leaves:
            tokens.append(TextToken(OWN, Origin.CORRECTION if rejected else Origin.BONUS))
        length = self.base + self.verified
        self.text.write(length, tokens)
        self.now, self.epoch = now, self.epoch + leaves
        self.text.publish(Word(self.epoch, length + len(tokens)))
        self.verified = verified
        if leaves:
            self.base, self.verified = length + len(tokens), 0
        self.side.look()


@pytest.mark.parametrize(
    "options", [None, {}, {"initial_counter": 0, "counter_bits": 1}, {"arithmetic": "fixed"}]
)
@pytest.mark.parametrize(
    "algorithm", ["fixed:3", "svip:h=0.7", "adaedl", "banditspec-ucb", "banditspec-exp3"]
)
@pytest.mark.parametrize("target", [25, 90])
def test_policy_and_edc_hear_the_same_in_simulator_and_runtime(
    setting_of, trace_of, algorithm, options, target
):
    generator = np.random.Generator(np.random.PCG64(7))
    coins = generator.random((80, 12)) < 0.8
    trace = trace_of(coins, entropy=generator.choice([0.25, 0.5, 2.0], coins.shape))
    spec = parse_algorithm(algorithm)
    given = {} if options is None else {"edc": True, "edc_options": options}
    machine = setting_of(lambda width, context: 10 + width, target, **given)
    simulated: list[tuple[Any, ...]] = []
    SeenBatches.events = []
    asynchronous = "ahasd.speculation.asynchronous"
    with (
        mock.patch(f"{asynchronous}.drafter.drafter.DraftBatches", SeenBatches),
        mock.patch(f"{asynchronous}.schedule.EntropyDraftControl", partial(ListeningEdc, calls=simulated)),
    ):
        machine.run(TraceWalk(trace, 0), Listening(build_policy(spec), simulated), TOKENS)

    heard: list[tuple[Any, ...]] = []
    edc = None if options is None else ListeningEdc(EntropyDraftControlOptions(**options), heard)
    replay = Replay(DraftBatches(Listening(build_policy(spec), heard), edc))
    events = SeenBatches.events
    for event, following in zip(events, [*events[1:], ("end",)], strict=True):
        if event[0] == "token":
            replay.token(*event[1:])
        elif event[0] == "verdict":
            replay.verdict(*event[1:], leaves=following[0] == "restart")
    assert heard == simulated
    assert {"verified", "should_stop"} <= {call[0] for call in heard}
    assert options is None or {"edc verified", "edc flush"} <= {call[0] for call in heard}
