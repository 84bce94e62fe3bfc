"""Which points a sweep has: a grid, a list, or a sample."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod
from random import Random
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.sweep.axis import Axis, Span, read_axis
from ahasd.experiments.sweep.fields import check_fields, configuration_values

#: Fields of a point by their names.
Values = dict[str, Any]

#: What a document may hold.
SECTIONS = ("name", "run", "grid", "list", "sample")

#: Points of one sweep at most: a command holds them all (docs/scale.md; ours).
MOST_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """How many points of a grid are drawn, and by which seed."""

    points: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """A set of points.

    Attributes
    ----------
    base
        What all points have.
    axes
        Their combinations are the points; those of the list have them all, too.
    listed
        Points, each with its own fields; one without fields where there is no list.
    sample
        None for every combination.
    """

    base: Mapping[str, Any] = field(default_factory=dict)
    axes: Sequence[Axis | Span] = ()
    listed: Sequence[Values] = ({},)
    sample: Sample | None = None
    name: str = ""

    @property
    def points(self) -> list[Values]:
        """What is varied, point by point; those that differ in the seed alone side by side.

        Raises
        ------
        AhasdError
            There are too many.
        """
        if self.sample is not None:
            return list(self._drawn(self.sample))
        grid = [axis for axis in self.axes if isinstance(axis, Axis)]
        count = len(self.listed) * prod(len(axis.values) for axis in grid)
        if count > MOST_POINTS:
            raise AhasdError(
                f"the grid has {count} points; at most {MOST_POINTS} are run: sample it (sample: …)"
            )
        ordered = sorted(grid, key=lambda axis: axis.name == "seed")
        return [
            {**dict(zip([axis.name for axis in ordered], values, strict=True)), **point}
            for point in self.listed
            for values in product(*(axis.values for axis in ordered))
        ]

    @property
    def title(self) -> str:
        """Its name, or else what its points are known by."""
        if self.name:
            return self.name
        text = json.dumps([self.base, self.points], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def configured(self, point: Values) -> dict[str, Any]:
        """All of a point's fields, as a configuration takes them."""
        return configuration_values(self.base, point)

    def _drawn(self, sample: Sample) -> Iterator[Values]:
        """Distinct points, unless the grid has fewer."""
        random, seen, misses = Random(sample.seed), set[str](), 0

        def draws() -> Iterator[Values]:
            nonlocal misses
            # A small grid is drawn whole at last; what repeats itself so often has no more to give (ours).
            while misses < 100 + 20 * sample.points:
                point = {axis.name: axis.draw(random) for axis in self.axes}
                point |= self.listed[random.randrange(len(self.listed))]
                text = json.dumps(point, sort_keys=True)
                if text in seen:
                    misses += 1
                    continue
                seen.add(text)
                yield point

        return islice(draws(), sample.points)


def read_sweep(document: Any, where: str) -> Sweep:
    """Read a sweep from a document.

    Parameters
    ----------
    where
        What to call the document in an error.

    Raises
    ------
    AhasdError
        It is none, has no point, or names a field that there is not.
    """
    if not isinstance(document, Mapping):
        raise AhasdError(f"{where} must hold a group of keys and values: {', '.join(SECTIONS)}")
    for key in document:
        if key not in SECTIONS:
            raise UnknownNameError(f"key of {where}:", str(key), SECTIONS)
    base = _group(document.get("run"), f"{where}: run")
    grid = _group(document.get("grid"), f"{where}: grid")
    axes = tuple(read_axis(name, given) for name, given in grid.items())
    listed = document.get("list")
    if listed is not None and (not isinstance(listed, list) or not listed):
        raise AhasdError(f"{where}: list has no point; it must be a list of groups such as {{npu.chips: 2}}")
    points = [_group(point, f"{where}: a point of the list") for point in listed or [{}]]
    sweep = Sweep(base, axes, points, _sample(document.get("sample"), where), str(document.get("name", "")))
    check_sweep(sweep, where)
    return sweep


def check_sweep(sweep: Sweep, where: str) -> None:
    """See that a sweep has points, of fields that there are, and can draw from its ranges.

    Raises
    ------
    AhasdError
        Else.
    """
    names = [axis.name for axis in sweep.axes] + [name for point in sweep.listed for name in point]
    check_fields(names)
    configuration_values(sweep.base)
    if not names:
        raise AhasdError(
            f"{where} has an empty grid: nothing is varied; give fields with their values, such as npu.chips=1,2,4"
        )
    twice = {name for point in sweep.listed for name in point} & {axis.name for axis in sweep.axes}
    if twice:
        raise AhasdError(f"{where}: {sorted(twice)[0]} is in the grid and in the list; take one away")
    spans = [axis.name for axis in sweep.axes if isinstance(axis, Span)]
    if spans and sweep.sample is None:
        raise AhasdError(
            f"{where}: {spans[0]} has a range, from which points are drawn: say how many (sample: {{points: 100}}), "
            "or list its values"
        )


def _group(given: Any, where: str) -> Values:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise AhasdError(f"{where} must be a group of keys and values, such as {{npu.chips: 2}}")
    return dict(given)


def _sample(given: Any, where: str) -> Sample | None:
    if given is None:
        return None
    parts = {"points": given} if isinstance(given, int) else _group(given, f"{where}: sample")
    for part in parts:
        if part not in ("points", "seed"):
            raise UnknownNameError(f"key of {where}: sample:", part, ("points", "seed"))
    points, seed = parts.get("points", 0), parts.get("seed", 0)
    if not (_whole(points) and _whole(seed)) or not 1 <= points <= MOST_POINTS:
        raise AhasdError(
            f"{where}: sample must say how many points (1 to {MOST_POINTS}): {{points: 100, seed: 0}}"
        )
    return Sample(points, seed)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
