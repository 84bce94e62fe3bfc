"""What a pilot is asked, by hand: a prompt of 8, messages of 3 ps and decisions of 2, costs that tell the context."""

from math import inf
from typing import ClassVar

import pytest

from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.control.pilot import PassChoice, Pilot, StepChoice
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.traces.rollout.walk import TraceWalk


def picoseconds(seconds: float) -> float:
    return seconds if seconds == inf else round(seconds * 1e12)


class Asked(Pilot):
    """Verifies two tokens at once, has four drafted ahead, and writes down what it was asked."""

    said: ClassVar[list[tuple]] = []

    def starts_pass(self, choice: PassChoice) -> bool:
        times = map(picoseconds, (choice.next_token_s, choice.draft_s, choice.pass_s))
        self.said.append(("pass", choice.base, choice.verified, choice.visible, *times))
        return choice.visible - choice.verified >= 2 or choice.next_token_s == inf

    def drafts(self, choice: StepChoice) -> bool:
        times = map(picoseconds, (choice.left_s, choice.draft_s))
        self.said.append(("step", choice.base, choice.verified, choice.drafted, choice.covered, *times))
        return choice.drafted - choice.verified < 4

    def judged(self, chain, verified: int, until: int, rejected: bool) -> None:
        self.said.append(("judged", verified, until, rejected))


@pytest.fixture
def said(setting_of, trace_of):
    """Draft steps take 10 and the context, passes 100 a token and the context; the fifth token is rejected."""
    Asked.said.clear()
    made = setting_of(
        lambda width, context: 10 + context,
        lambda width, context: 100 * width + context,
        transfer=3,
        decision=2,
        control="own",
    )
    schedule = build_schedule(made.machine, made.system, None, Asked())
    schedule.run(TraceWalk(trace_of([[1] * 4 + [0]] * 12), 0, "recorded"), FixedLength(2), 9)
    return Asked.said


def test_times_are_those_that_each_side_can_expect(said) -> None:
    """A step from 0 to 17 is seen at 20; the next one begins at 22 and is seen at 43, when the pass begins."""
    assert said[:9] == [
        ("step", 0, 0, 0, None, inf, 17),
        ("pass", 0, 0, 0, 17 + 3 + 2, 17, 107),  # at 0: the step under way, a message and a decision
        ("pass", 0, 0, 1, 3 + 2 + 17, 17, 207),  # at 20: no step is under way
        ("step", 0, 0, 1, None, inf, 18),
        ("pass", 0, 0, 2, 22, 17, 307),  # at 43, to 350
        ("step", 0, 0, 2, 2, 350 - 45, 19),
        ("step", 0, 0, 3, 2, 350 - 69, 20),
        ("step", 0, 0, 4, 2, 350 - 94, 21),  # four are drafted: it waits
        ("judged", 0, 3, False),  # by the logits behind the two one more is judged
    ]


def test_behind_a_verdict_costs_are_those_of_the_longer_text(said) -> None:
    assert said[9:12] == [
        ("pass", 0, 3, 4, 20 + 3 + 2, 20, 210),
        ("step", 0, 3, 4, None, inf, 21),
        ("pass", 0, 3, 5, 25, 20, 310),
    ]
    rejected = said.index(("judged", 3, 4, True))
    # Five tokens are out, the target's own one of them; the draft has not been fed the last.
    assert said[rejected + 1] == ("pass", 5, 0, 0, 22 + 3 + 2, 22, 112)
