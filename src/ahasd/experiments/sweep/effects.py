"""What a sweep says: its best point over the seeds, and what each field is worth by itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from ahasd.errors import AhasdError
from ahasd.experiments.sweep.definition import Values
from ahasd.experiments.sweep.kept import Figure, KeptSweep
from ahasd.experiments.sweep.objective import Objective, check_figure
from ahasd.intervals import Interval, interval

SEED = "seed"

#: Numbers of a field, such as a range brings, beyond which neighbours are taken together, and in how many parts
#: (ours).
MANY, PARTS = 12, 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """Points that differ in the seed alone.

    Attributes
    ----------
    found
        The figure of each seed.
    """

    values: Values
    found: tuple[float, ...]

    @property
    def interval(self) -> Interval:
        """Mean over the seeds with its 95 % interval."""
        return interval(self.found)


@dataclass(frozen=True, slots=True)
class Level:
    """A value of a field, or neighbouring ones as ``0.5 to 0.9``: the figure over all points that have it."""

    value: object
    low: float
    mean: float
    high: float
    points: int


@dataclass(frozen=True, slots=True)
class Effect:
    """A field: the figure under each of its values, averaged over all else.

    In a grid of which every point ran that is what the field does by itself; where points are missing or drawn, the
    values may stand in unlike company.
    """

    field: str
    levels: tuple[Level, ...]

    @property
    def ratio(self) -> float:
        """The largest mean over the smallest; 1 where the smallest is nothing."""
        means = [level.mean for level in self.levels]
        return max(means) / min(means) if min(means) > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Findings:
    """What a sweep came to under an objective.

    Attributes
    ----------
    candidates
        The best first.
    effects
        That of most consequence first; of fields with several values.
    """

    objective: Objective
    candidates: Sequence[Candidate]
    effects: Sequence[Effect]


def findings(sweep: KeptSweep, objective: Objective) -> Findings:
    """Rank the points of a sweep that have results, and average them by field.

    Raises
    ------
    AhasdError
        No point has a result, or none this figure.
    """
    known = [(point.values, point.figures()) for point in sweep.points if point.done]
    if not known:
        why = next((point.reason for point in sweep.points if point.reason), "none has been run yet")
        raise AhasdError(f"sweep '{sweep.name}' has no result: {why}")
    check_figure(
        objective.figure, {name for _, figures in known for name in figures if is_number(figures[name])}
    )
    having = [
        (values, float(value))
        for values, figures in known
        if isinstance(value := figures.get(objective.figure), int | float)
    ]
    return Findings(objective, _candidates(having, objective), _effects(sweep.varied, having))


def is_number(value: Figure) -> bool:
    """Whether a figure can be compared."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _candidates(having: Sequence[tuple[Values, float]], objective: Objective) -> list[Candidate]:
    groups: dict[str, tuple[Values, list[float]]] = {}
    for values, value in having:
        rest = {name: each for name, each in values.items() if name != SEED}
        groups.setdefault(json.dumps(rest, sort_keys=True, default=str), (rest, []))[1].append(value)
    found = [Candidate(rest, tuple(values)) for rest, values in groups.values()]
    sign = -1.0 if objective.largest else 1.0
    return sorted(found, key=lambda one: sign * fmean(one.found))


def _effects(fields: Sequence[str], having: Sequence[tuple[Values, float]]) -> list[Effect]:
    effects = []
    for field in fields:
        by_value: dict[object, list[float]] = {}
        for values, value in having:
            if field in values:
                by_value.setdefault(values[field], []).append(value)
        if len(by_value) > 1:
            together = _together(_ordered(by_value))
            levels = [Level(value, min(of), fmean(of), max(of), len(of)) for value, of in together.items()]
            effects.append(Effect(field, tuple(levels)))
    return sorted(effects, key=lambda effect: -effect.ratio)


def _together(by_value: dict[object, list[float]]) -> dict[object, list[float]]:
    """Many numbers, in their order, in a few parts of about as many each; all else as it is."""
    numbers = [value for value in by_value if isinstance(value, int | float) and not isinstance(value, bool)]
    if not len(numbers) == len(by_value) > MANY:
        return by_value
    ends = [part * len(numbers) // PARTS for part in range(PARTS + 1)]
    parts = [numbers[first:after] for first, after in pairwise(ends)]
    return {
        f"{inside[0]:.4g} to {inside[-1]:.4g}": [one for value in inside for one in by_value[value]]
        for inside in parts
    }


def _ordered(by_value: dict[object, list[float]]) -> dict[object, list[float]]:
    """Numbers by their size, all else as it came."""
    if all(isinstance(value, int | float) for value in by_value):
        return dict(sorted(by_value.items(), key=lambda one: float(one[0])))  # type: ignore[arg-type]
    return by_value
