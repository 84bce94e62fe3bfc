"""Control by goodput by hand: when it waits for a token, and when a token is worth its step."""

from math import ceil, floor, inf

import pytest

from ahasd.speculation.control.goodput import goodput
from ahasd.speculation.control.goodput.acceptance_estimate import AcceptanceEstimate
from ahasd.speculation.control.goodput.chain_time import BEYOND_A_PASS, PHASES, ChainTime, chain_time
from ahasd.speculation.control.goodput.goodput import Goodput
from ahasd.speculation.control.pilot import PassChoice, StepChoice


class Said(AcceptanceEstimate):
    """Every drafted token is accepted at one probability, and those to come at a rate."""

    def __init__(self, drafted: float, rate: float, verdicts: int = 0) -> None:
        super().__init__()
        self._drafted, self._rate, self.verdicts = drafted, rate, verdicts

    @property
    def rate(self) -> float:
        return self._rate

    def of(self, chain, offset: int) -> float:
        return self._drafted


def step(verified=0, drafted=3, covered=None, left=inf, draft=10.0) -> StepChoice:
    return StepChoice(None, 0, verified, drafted, covered, left, draft)


def drafts(estimate: Said, **choice) -> bool:
    return Goodput(estimate).drafts(step(**choice))


def test_a_draft_that_is_hardly_ever_right_is_given_up_after_64_verdicts() -> None:
    assert drafts(Said(0.9, rate=0.09, verdicts=63))
    assert not drafts(Said(0.9, rate=0.09, verdicts=64))
    assert drafts(Said(0.9, rate=0.1, verdicts=1000))


def test_without_a_pass_the_draft_goes_on_whatever_is_expected() -> None:
    assert drafts(Said(0.02, rate=0.5), drafted=9)


def test_beside_a_pass_a_token_behind_an_unlikely_chain_is_not_drafted() -> None:
    """Half of the tokens are accepted: five survive by 1/32, six by 1/64, below a fiftieth."""
    assert drafts(Said(0.5, rate=0.5), covered=0, drafted=5, left=99.0)
    assert not drafts(Said(0.5, rate=0.5), covered=0, drafted=6, left=99.0)
    assert drafts(Said(0.02, rate=0.5), covered=0, drafted=1, left=99.0)  # as likely as that
    assert drafts(Said(0.5, rate=0.5), covered=3, verified=1, drafted=6, left=99.0)


def test_a_step_that_outlasts_the_pass_is_begun_where_the_chain_likely_goes_on() -> None:
    """What of a step of 10 the pass hides if the chain goes on, and what comes too late if not."""
    assert drafts(Said(0.5, rate=0.5), covered=0, drafted=1, left=5.0)  # 0.5 · 5 = 0.5 · 5
    assert not drafts(Said(0.49, rate=0.5), covered=0, drafted=1, left=5.0)
    assert drafts(Said(0.49, rate=0.5), covered=0, drafted=1, left=10.0)  # as long as the pass
    # The pass tells of what it covers and of one token more: 0.8² = 0.64 of the four drafted.
    assert drafts(Said(0.8, rate=0.5), covered=1, drafted=4, left=4.0)
    assert not drafts(Said(0.8, rate=0.5), covered=2, drafted=4, left=4.0)
    assert drafts(Said(0.8, rate=0.5), covered=2, verified=1, drafted=4, left=4.0)


def starts(
    estimate: Said, visible: int, next_token: float, passes: float = 100.0, draft: float = 10.0
) -> bool:
    return Goodput(estimate).starts_pass(PassChoice(None, 0, 0, visible, next_token, draft, passes))


def test_a_pass_starts_where_no_token_is_to_come() -> None:
    assert starts(Said(0.9, 0.9), visible=0, next_token=inf)


def test_it_waits_for_a_token_that_is_nearly_there_and_likely_accepted() -> None:
    """A pass of ten steps: with nothing to verify it would bring one token, a step later two."""
    assert not starts(Said(0.9, 0.9), visible=0, next_token=1.0)
    assert starts(Said(0.1, 0.1), visible=1, next_token=10.0)


@pytest.mark.parametrize("ratio", [0.5, 3.0, 4.6, 10.0])
@pytest.mark.parametrize("acceptance", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("survival", [0.2, 0.7, 1.0])
@pytest.mark.parametrize("wait", [0.0, 0.25, 0.6, 1.0])
def test_it_starts_unless_waiting_for_up_to_six_tokens_promises_an_earlier_end(
    ratio: float, acceptance: float, survival: float, wait: float
) -> None:
    times = chain_time(round(20 * ratio), round(100 * acceptance))
    now = times.after_pass(survival, wait)
    later = [
        wait + number + times.after_pass(survival * acceptance ** (number + 1), 1.0) for number in range(6)
    ]
    found = starts(Said(survival, acceptance), visible=1, next_token=10.0 * wait, passes=10.0 * ratio)
    assert found == (min(later) >= now)


@pytest.mark.parametrize("ratio", [0.3, 0.5, 1.0, 2.6, 7.0])
@pytest.mark.parametrize("acceptance", [0.0, 0.5, 0.9])
def test_times_fulfil_the_optimality_equation(ratio: float, acceptance: float) -> None:
    """That of the class, for every number of pending tokens and every quarter of a step until the next."""
    times = ChainTime(ratio, acceptance)
    most = ceil(ratio) + BEYOND_A_PASS

    def left(pending: int, phase: int) -> float:
        return times._left[pending][phase]

    def started(survival: float, phase: int) -> float:
        until = phase / PHASES
        drafted = 0 if ratio < until else floor(ratio - until + 1e-9) + 1
        rest = until + drafted - ratio
        # The first token drafted meanwhile is judged by the pass, too.
        goes_on = survival * (acceptance if drafted else 1.0)
        behind = left(max(0, drafted - 1), max(1, min(PHASES, round(PHASES * rest))))
        return ratio + (1 - goes_on) * (rest if rest < 1 else 0.0) + goes_on * behind

    for phase in range(1, PHASES + 1):
        for pending in range(most + 1):
            now = started(acceptance**pending, phase)
            wait = phase / PHASES + left(pending + 1, PHASES) if pending < most else inf
            assert left(pending, phase) == pytest.approx(min(now, wait), abs=2e-3)
        for survival in (0.0, 0.4, 1.0):
            assert times.after_pass(survival, phase / PHASES) == pytest.approx(started(survival, phase))


def test_a_chain_of_nothing_but_rejections_takes_a_pass_and_the_rest_of_a_step() -> None:
    """Three steps to a pass; a token due in half a step: it ends when the third after that is half drafted."""
    times = ChainTime(3.0, 0.0)
    assert times.after_pass(1.0, 1.0) == pytest.approx(3.0)
    assert times.after_pass(1.0, 0.5) == pytest.approx(3.0 + 0.5)
    assert times.after_pass(1.0, 0.0) == times.after_pass(1.0, 0.25)  # a quarter at least
    assert times.after_pass(1.0, 2.0) == times.after_pass(1.0, 1.0)


def test_times_are_shared_by_twentieths_and_percents() -> None:
    assert chain_time(60, 30) is chain_time(60, 30)
    assert chain_time(60, 30)._ratio == 3.0
    assert chain_time(60, 30)._acceptance == 0.3


@pytest.mark.parametrize(("at", "after", "begins"), [(6, 4.9, False), (6, 5.0, True), (7, 0.0, True)])
def test_the_sixth_token_to_come_is_the_last_that_it_waits_for(
    at: int, after: float, begins: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now it would take 10 steps, and with each token more as many behind it, but for one of them."""

    class Times:
        def __init__(self) -> None:
            self.asked = -1

        def after_pass(self, survival: float, next_token: float) -> float:
            self.asked += 1
            return after if self.asked == at else 10.0

    monkeypatch.setattr(goodput, "chain_time", lambda *ratio: Times())
    assert starts(Said(0.9, 0.9), visible=1, next_token=0.0) is begins
