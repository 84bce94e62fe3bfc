"""What a pass of the target takes by its width, measured once when a decoder is made."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter, thread_time

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.models.runnable import checked_tokens

#: Widths that are measured, in tokens of a pass; sizes of trees are one less. Products change their way of working
#: between 4 and 5 rows (`ahasd.decoding.models.few_rows`) and, in MKL, at 16. Ours.
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)

#: Passes of each width, of which the fastest counts; widths beyond the largest that a probe of so many seconds
#: reached are left out (a large model on a slow device). Ours.
REPEATS, PROBE_SECONDS = 3, 6.0

#: A pass is filled up only where that saves this share of its time; less is noise. Ours.
WORTH = 0.05

#: Cached tokens while it is measured.
CONTEXT = 64


@dataclass(frozen=True)
class PassCosts:
    """Seconds by width.

    Parameters
    ----------
    seconds_at
        Of the widths that were measured, at least one.
    guess_seconds
        Of a guess by the number of texts, and for each by depth from 0 on; empty where guessing takes none.
    """

    seconds_at: Mapping[int, float]
    guess_seconds: Mapping[int, Sequence[float]] = field(default_factory=dict)

    def seconds(self, width: int) -> float:
        """Give the measured time, else one on the line between its neighbours, or through the last two."""
        widths = sorted(self.seconds_at)
        place = bisect_left(widths, width)
        if place < len(widths) and widths[place] == width:
            return self.seconds_at[width]
        if len(widths) == 1 or place == 0:
            return self.seconds_at[widths[0]] * max(1.0, width / widths[0])
        low, high = (widths[place - 1], widths[place]) if place < len(widths) else (widths[-2], widths[-1])
        before, after = self.seconds_at[low], self.seconds_at[high]
        return max(before, before + (after - before) * (width - low) / (high - low))

    def padded(self, width: int) -> int:
        """Give the width that a pass is filled up to: a measured one that is cheaper, or its own."""
        wider = [each for each in self.seconds_at if each > width]
        best = min(wider, key=lambda each: (self.seconds_at[each], each), default=width)
        return best if best > width and self.seconds_at[best] < (1 - WORTH) * self.seconds(width) else width

    def guess(self, depth: int, texts: int = 1) -> float:
        """Give the seconds of a guess: on the line through those of the fewest and of the most texts."""
        if not self.guess_seconds:
            return 0.0
        few, many = min(self.guess_seconds), max(self.guess_seconds)
        least, most = self.guess_seconds[few][depth], self.guess_seconds[many][depth]
        return least if few == many else max(least, least + (most - least) * (texts - few) / (many - few))

    def filled(self, width: int) -> float:
        """Give the seconds of a pass, filled up where that is cheaper."""
        return self.seconds(self.padded(width))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nodes of the trees whose passes were measured, 0 among them, rising."""
        return tuple(sorted({0} | {width - 1 for width in self.seconds_at}))


def clock_of(target: TimedPasses) -> Callable[[], float]:
    """Give the clock that passes are timed with: where a CPU computes, what other programs take does not count."""
    runs_here = torch.device(target.runner.device).type == "cpu" and not target.least_seconds
    return thread_time if runs_here else perf_counter


def measure(target: TimedPasses) -> PassCosts:
    """Run passes of every width over one text, whose tokens do not matter; the cache is empty afterwards."""
    runner, clock = target.runner, clock_of(target)
    vocabulary = checked_tokens(runner.vocabulary_size)
    tokens = [vocabulary[place % len(vocabulary)] for place in range(max(CONTEXT, *WIDTHS))]
    limit = runner.context_limit
    context = CONTEXT if limit is None else max(1, min(CONTEXT, limit - max(WIDTHS)))
    target.start([[]])
    target.forward([RowTokens(0, tokens[:context], 1)])
    found: dict[int, float] = {}
    began = clock()
    for width in WIDTHS:
        if limit is not None and context + width > limit:
            break
        times = []
        for _ in range(REPEATS):
            start = clock()
            target.forward([RowTokens(0, tokens[:width], width)])
            times.append(clock() - start)
            runner.cut(0, context)
        found[width] = min(times)
        if clock() - began > PROBE_SECONDS:
            break
    runner.start(1)
    return PassCosts(found)
