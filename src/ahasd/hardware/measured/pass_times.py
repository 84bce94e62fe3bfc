"""Costs of a model's passes whose durations were measured for some widths and contexts."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from ahasd.hardware.cost import StepCost
from ahasd.hardware.gpu.width.width_cost import WidthCost
from ahasd.hardware.step_table import StepCosts


class PassTimes(StepCosts):
    """Passes that take what was measured; energy and traffic are not known and count as nothing.

    *Width.* What was measured is returned as it is, even where a wider pass was faster. Between two measured widths a
    time lies between theirs; where, depends on what is known:

    - If the backend's kernels are known to switch between the two (``kernel``), the jump stays where they switch.
      Wider passes take the time of the wider measurement, since a matrix kernel costs the same however many rows
      there are; narrower ones go on as the vector kernel does, by the two nearest measurements of it or, if there
      is one, by the published slope, and never beyond the wider measurement.
    - Else it is the straight line. A jump may hide anywhere between the two; if every place is as likely, the line
      is what it costs on average, and it never errs by more than the jump.

    Beyond the widest, times go on growing as they did between the narrowest and the widest (at least not at all);
    with a known kernel, as between those of its measurements that lie on the same side of the switch.

    *Context.* Attention reads its caches once for all rows, so times are linear in the context: between two measured
    ones on their line, beyond the longest on the line of the shortest and the longest (at least level), below the
    shortest as at the shortest. A width that was measured at one context grows by as many seconds as the nearest
    width that was measured at several.

    Parameters
    ----------
    name
        The device.
    seconds
        {(width in tokens, context in tokens): duration of a pass in seconds}, at least one.
    kernel
        How the kernels of the backend work, where that is known.
    """

    def __init__(
        self, name: str, seconds: Mapping[tuple[int, int], float], kernel: WidthCost | None = None
    ) -> None:
        self.name = name
        self.kernel = kernel
        self._curves: dict[int, dict[int, float]] = {}
        for (width, context), duration in sorted(seconds.items()):
            self._curves.setdefault(width, {})[context] = duration
        self.widths = tuple(self._curves)
        self._costs: dict[tuple[int, int], StepCost] = {}

    @classmethod
    def of_widths(cls, name: str, seconds: Mapping[int, float], kernel: WidthCost | None = None) -> Self:
        """Times by width alone, the context being the one of the measurement."""
        return cls(name, {(width, 0): duration for width, duration in seconds.items()}, kernel)

    @property
    def usual_context(self) -> int:
        """The context at which most widths were measured; of several the shortest."""
        counts = Counter(context for curve in self._curves.values() for context in curve)
        return min(counts, key=lambda context: (-counts[context], context))

    def cost(self, width: int, context: int) -> StepCost:
        """The duration of a pass."""
        if (width, context) not in self._costs:
            self._costs[width, context] = StepCost(seconds=self.seconds(width, context))
        return self._costs[width, context]

    def seconds(self, width: int, context: int) -> float:
        """The duration of a pass, alone."""
        place = bisect_left(self.widths, width)
        if place == len(self.widths):
            return self._beyond(width, context)
        if place == 0 or self.widths[place] == width:
            return self._measured(self.widths[place], context)
        return self._between(width, context, place)

    def basis(self, width: int, context: int) -> str:
        """What a time that was not measured rests on, in words; "" for one that was."""
        found = []
        place = bisect_left(self.widths, width)
        if place == len(self.widths):
            found.append(f"extrapolated beyond {self.widths[-1]} rows, the most that were measured")
        elif self.widths[place] != width and place == 0:
            found.append(f"taken from {self.widths[0]} rows, the fewest that were measured")
        elif self.widths[place] != width:
            found.append(f"interpolated between {self.widths[place - 1]} and {self.widths[place]} rows")
        contexts = sorted({at for curve in self._curves.values() for at in curve})
        if len(contexts) > 1 or contexts[0] > 0:
            if context > contexts[-1]:
                found.append(
                    f"extrapolated beyond {contexts[-1]} tokens of context, the most that were measured"
                )
            elif context < contexts[0]:
                found.append(f"taken from {contexts[0]} tokens of context, the fewest that were measured")
        return " and ".join(found)

    def _measured(self, width: int, context: int) -> float:
        """A width that was measured, at any context."""
        curve = self._curves[width]
        if len(curve) > 1:
            return _along(curve, context)
        ((own, duration),) = curve.items()
        several = [other for other in self.widths if len(self._curves[other]) > 1]
        if not several or context <= own:
            return duration
        lender = self._curves[min(several, key=lambda other: (abs(other - width), other))]
        return duration + max(0.0, _along(lender, context) - _along(lender, own))

    def _between(self, width: int, context: int, place: int) -> float:
        below, above = self.widths[place - 1], self.widths[place]
        narrow, wide = self._measured(below, context), self._measured(above, context)
        if self.kernel is None or not below <= self.kernel.vector_rows < above:
            return narrow + (width - below) / (above - below) * (wide - narrow)
        if width > self.kernel.vector_rows:
            return wide
        if place > 1:
            slope = (narrow - self._measured(self.widths[place - 2], context)) / (
                below - self.widths[place - 2]
            )
            grown = narrow + max(0.0, slope) * (width - below)
        else:
            grown = narrow * self.kernel.relative(width) / self.kernel.relative(below)
        return min(grown, max(narrow, wide))

    def _beyond(self, width: int, context: int) -> float:
        last = self.widths[-1]
        widths: Sequence[int] = self.widths
        if self.kernel is not None and last > self.kernel.vector_rows:
            widths = [each for each in self.widths if each > self.kernel.vector_rows]
        end = self._measured(last, context)
        span = last - widths[0]
        growth = max(0.0, (end - self._measured(widths[0], context)) / span) if span else 0.0
        return end + growth * (width - last)


def _along(curve: Mapping[int, float], context: int) -> float:
    """The broken line through times by context, level before the first."""
    contexts = sorted(curve)
    place = bisect_left(contexts, context)
    if place == 0:
        return curve[contexts[0]]
    if place == len(contexts):
        first, last = contexts[0], contexts[-1]
        growth = max(0.0, (curve[last] - curve[first]) / (last - first))
        return curve[last] + growth * (context - last)
    below, above = contexts[place - 1], contexts[place]
    return curve[below] + (context - below) / (above - below) * (curve[above] - curve[below])
