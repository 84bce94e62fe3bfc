"""Costs of passes whose durations were measured for a few widths."""

from bisect import bisect_left
from collections.abc import Mapping

from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts


class MeasuredWidths(StepCosts):
    """Passes that take what was measured for their width; energy and traffic are not known and count as nothing.

    Between measured widths durations are interpolated; beyond the widest they go on growing as they did between the
    narrowest and the widest (at least not at all), the context being the one of the measurement.

    Parameters
    ----------
    name
        The device.
    seconds
        {width in tokens: duration of a pass in seconds}, at least one.
    """

    def __init__(self, name: str, seconds: Mapping[int, float]) -> None:
        self.name = name
        self._widths = sorted(seconds)
        self._seconds = [seconds[width] for width in self._widths]
        self._costs: dict[int, StepCost] = {}

    def cost(self, width: int, context: int) -> StepCost:
        """The duration of a pass of this width, whatever the context."""
        if width not in self._costs:
            self._costs[width] = StepCost(seconds=self._at(width))
        return self._costs[width]

    def _at(self, width: int) -> float:
        widths, seconds = self._widths, self._seconds
        place = bisect_left(widths, width)
        if place == len(widths):
            span = widths[-1] - widths[0]
            growth = max(0.0, (seconds[-1] - seconds[0]) / span) if span else 0.0
            return seconds[-1] + growth * (width - widths[-1])
        if place == 0 or widths[place] == width:
            return seconds[place]
        share = (width - widths[place - 1]) / (widths[place] - widths[place - 1])
        return seconds[place - 1] + share * (seconds[place] - seconds[place - 1])
