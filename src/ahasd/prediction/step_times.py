"""How long the steps of decoding take here and now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from time import perf_counter
from typing import Any

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.build_rule import build_rule
from ahasd.decoding.rules.rule import Proposal
from ahasd.decoding.speculative.drafter import Drafter

Clock = Callable[[], float]

#: A step takes in the token before, or after full acceptance the target's own too.
DRAFT_WIDTHS = (1, 2)

#: Tokens of a pass that are measured; what lies between is interpolated. Ours.
TARGET_WIDTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17)

#: Draft steps of each width in a round of measurements. Ours.
DRAFT_REPEATS = 4

#: Every step is timed once a round, so that a machine that slows down slows all alike; after so long no round begins.
#: Ours.
LEAST_ROUNDS, MOST_ROUNDS, PATIENCE_S = 5, 40, 3.0


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Mean durations in seconds by width in tokens, with what a step does besides the model (judging, entropies).

    Means, since what disturbs the machine often disturbs decoding as often; but without the slowest tenth, so that
    one stall among few measurements does not count for many.

    Attributes
    ----------
    draft, target
        Of a draft step and of a pass of the target.
    head
        What an acceptance head adds to a draft step; 0 without a head.
    round
        What a pass of a decoder takes beyond model and judging: ending the text, counting, handing tokens out.
    context
        Tokens in the caches meanwhile.
    """

    draft: dict[int, float]
    target: dict[int, float]
    head: float
    round: float
    context: int

    @property
    def ratio(self) -> float:
        """Draft step / target pass, both of one token."""
        return self.draft[1] / self.target[1]


class DraftSteps:
    """Times draft steps behind a text.

    Parameters
    ----------
    draft
        Its cache is overwritten.
    text
        Token ids, at least one.
    request
        Its rule proposes.
    head
        Acceptance head to run after each step, or None.
    clock
        Seconds.
    """

    def __init__(
        self,
        draft: ModelRunner,
        text: Sequence[int],
        request: GenerationRequest,
        head: Any = None,
        clock: Clock = perf_counter,
    ) -> None:
        self._text, self._clock = list(text), clock
        self._drafter = Drafter(draft, build_rule(request, draft.vocabulary_size, "draft"), head)
        self._drafter.prefill(self._text)
        self._times: dict[int, list[float]] = {width: [] for width in DRAFT_WIDTHS if width <= len(text)}

    def propose(self, count: int) -> list[Proposal]:
        """Draft so many tokens behind the text."""
        known = list(self._text)
        proposals: list[Proposal] = []
        for _ in range(count):
            proposals.append(self._drafter.propose(known)[0])
            known.append(proposals[-1].token)
        return proposals

    def time(self) -> None:
        """Time a step of every width some times, since it is the shorter one and counts more often than a pass."""
        for width, times in self._times.items():
            for _ in range(DRAFT_REPEATS):
                self._drafter.roll_back(len(self._text) - width)
                times.append(_seconds(lambda: self._drafter.propose(self._text), self._clock))

    def means(self) -> dict[int, float]:
        """Give the duration of every width."""
        return never_falling({width: trimmed_mean(seconds) for width, seconds in self._times.items()})


class TargetPasses:
    """Times passes of the target behind a text.

    Parameters
    ----------
    target
        Its cache is overwritten.
    text
        Token ids, at least one.
    request
        Its rule judges.
    proposals
        Drafts to judge; the widest pass has one token more.
    clock
        Seconds.
    """

    def __init__(
        self,
        target: ModelRunner,
        text: Sequence[int],
        request: GenerationRequest,
        proposals: Sequence[Proposal],
        clock: Clock = perf_counter,
    ) -> None:
        self._clock = clock
        self._target, self._text, self._proposals = target, list(text), proposals
        self._rule = build_rule(request, target.vocabulary_size, "target")
        self._times: dict[int, list[float]] = {
            width: [] for width in TARGET_WIDTHS if width <= len(proposals) + 1
        }
        target.reset()
        if len(text) > 1:
            target.forward(self._text[:-1], rows=0)

    def time(self) -> None:
        """Time a pass of every width once."""
        for width, times in self._times.items():
            self._target.roll_back(len(self._text) - 1)
            times.append(_seconds(lambda width=width: self._pass(width), self._clock))  # type: ignore[misc]

    def means(self) -> dict[int, float]:
        """Give the duration of every width."""
        return never_falling({width: trimmed_mean(seconds) for width, seconds in self._times.items()})

    def _pass(self, width: int) -> None:
        drafts = self._proposals[: width - 1]
        logits = self._target.forward([self._text[-1], *(draft.token for draft in drafts)])
        self._rule.judge(drafts, logits, self._text)


def measure_steps(
    target: ModelRunner,
    draft: ModelRunner,
    text: Sequence[int],
    request: GenerationRequest,
    head: Any = None,
    clock: Clock = perf_counter,
) -> StepTimes:
    """Time draft steps and target passes behind a text.

    Parameters
    ----------
    target, draft
        Their caches are overwritten.
    text
        Token ids, at least one.
    request
        Its rules propose and judge.
    head
        The draft's acceptance head, None if it has none.
    clock
        Seconds; the thread's own leaves out what other programs take meanwhile.
    """
    drafts = DraftSteps(draft, text, request, clock=clock)
    proposals = drafts.propose(most_drafts(target, draft, len(text)))
    passes = TargetPasses(target, text, request, proposals, clock)
    repeat(drafts.time, passes.time)
    drafted, passed = drafts.means(), passes.means()
    with_head = 0.0
    if head is not None:
        headed = DraftSteps(draft, text, request, head, clock)
        repeat(headed.time)
        draft.keep_states = False
        # A step with a head consumes its own proposal too, so that the head can look at it.
        with_head = max(0.0, headed.means()[1] - 2 * drafted[1])
    own = _round(target, text, request, passed[1], clock)
    return StepTimes(drafted, passed, with_head, own, len(text))


def most_drafts(target: ModelRunner, draft: ModelRunner, length: int) -> int:
    """Give how many drafts of the widest pass both models have room for behind a text of this length."""
    limits = [runner.context_limit for runner in (target, draft) if runner.context_limit is not None]
    return max(0, min([TARGET_WIDTHS[-1] - 1, *(limit - length - 1 for limit in limits)]))


def repeat(*measurements: Callable[[], None]) -> None:
    """Take every measurement in turn, again and again, until there are enough."""
    began, rounds = perf_counter(), 0
    while rounds < LEAST_ROUNDS or (rounds < MOST_ROUNDS and perf_counter() - began < PATIENCE_S):
        for measurement in measurements:
            measurement()
        rounds += 1


def _round(
    target: ModelRunner, text: Sequence[int], request: GenerationRequest, one: float, clock: Clock
) -> float:
    """Time the target alone behind the text, token by token, and take off a pass of one token."""
    room = target.context_limit - len(text) if target.context_limit is not None else MOST_ROUNDS
    tokens = GenerationRequest(max_new_tokens=max(1, min(MOST_ROUNDS, room)), eos_token_id=())
    arrivals = [clock() for _ in AutoregressiveDecoder(target).tokens(text, tokens)]
    gaps = [after - before for before, after in pairwise(arrivals)]
    return max(0.0, trimmed_mean(gaps) - one) if gaps else 0.0


def _seconds(step: Callable[[], Any], clock: Clock) -> float:
    began = clock()
    step()
    return clock() - began


def trimmed_mean(seconds: Sequence[float]) -> float:
    """Give the mean without the slowest tenth, which is one measurement at least if there are several."""
    slowest = max(1, len(seconds) // 10)
    return fmean(sorted(seconds)[:-slowest]) if len(seconds) > 1 else seconds[0]


def never_falling(times: dict[int, float]) -> dict[int, float]:
    """Smooth what noise has put in a wrong order: more tokens never take less time.

    Isotonic least squares by pooling adjacent violators (Ayer et al., Annals of Mathematical Statistics 26, 1955).
    """
    pools: list[list[float]] = []
    for width in sorted(times):
        pools.append([times[width]])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    return dict(zip(sorted(times), [fmean(pool) for pool in pools for _ in pool], strict=True))
