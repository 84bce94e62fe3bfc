"""Where a search begins: the presets' own values, as far as the space has them."""

from typing import Any

from ahasd.errors import AhasdError
from ahasd.experiments.search.definition import Search
from ahasd.experiments.sweep.axis import Axis, Span
from ahasd.experiments.sweep.definition import Values
from ahasd.experiments.sweep.fields import is_constant
from ahasd.family.changes import SYSTEM_PREFIX
from ahasd.hardware.preset.preset import load_preset
from ahasd.systems.simulate import configure

#: Fields that choose presets: each of their values is a start of its own.
_CHOOSING = ("hardware", "system")


def starting_points(search: Search) -> list[Values]:
    """The points that a user gave, filled up from the presets, then one for each preset of the space."""
    given = [_filled(search, point) for point in search.starts]
    presets: list[Values] = [{}]
    for axis in search.axes:
        if axis.name in _CHOOSING and isinstance(axis, Axis):
            presets = [{**point, axis.name: value} for point in presets for value in axis.values]
    return [*given, *(point for point in (_filled(search, one) for one in presets) if point not in given)]


def _filled(search: Search, point: Values) -> Values:
    return {axis.name: point.get(axis.name, _usual(search, axis, point)) for axis in search.axes}


def _usual(search: Search, axis: Axis | Span, point: Values) -> Any:
    """The value of the preset, or the nearest that the space has."""
    own = _own(search, axis.name, point)
    if isinstance(axis, Span):
        value = min(max(own, axis.low), axis.high) if isinstance(own, int | float) else axis.low
        return round(value) if axis.whole else float(value)
    if own in axis.values:
        return axis.values[axis.values.index(own)]  # 2 where the preset has 2.0, so that a point is one point
    numbers = [value for value in axis.values if isinstance(value, int | float)]
    if isinstance(own, int | float) and numbers:
        return min(numbers, key=lambda value: abs(value - own))
    return axis.values[0]


def _own(search: Search, name: str, point: Values) -> Any:
    """What a configuration has where the space says nothing."""
    try:
        _, configuration = configure(search.configured({key: value for key, value in point.items()}))
        if not is_constant(name):
            return getattr(configuration, name, None)
        if name.startswith(SYSTEM_PREFIX) or not isinstance(configuration.hardware, str):
            return None
        return load_preset(configuration.hardware).hardware.constant(name)
    except (AhasdError, ValueError, TypeError, AttributeError):
        return None  # no number, or not of a preset: the space's own first value will do
