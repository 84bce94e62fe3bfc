"""The timeline of a run that was worked out from another's: columns instead of tasks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.pass_grid import Integers, Numbers
from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.schedule import SpeculationOutcome

#: Picoseconds that numbers of numpy's can count to, with some to spare.
_MOST_PICOSECONDS = 2.0**62


@dataclass(frozen=True, slots=True)
class Columns:
    """A number for each step: when it was, how much of it was done, and its joules by component."""

    starts: Integers
    ends: Integers
    blocked: Integers
    done: Numbers
    joules: Numbers

    def energy(self, end: int, which: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Joules by component until ``end`` of all steps, or of some.

        Summed from the first step to the last, as :func:`ahasd.simulation.timeline.energy_of` does, so that not a bit
        differs.
        """
        shares = np.where(
            self.ends <= end,
            self.done,
            np.maximum(0.0, (end - self.starts) / np.maximum(1, self.ends - self.starts)) * self.done,
        )
        joules = shares[:, None] * self.joules
        if which is not None:
            joules = joules[which]
        sums = np.add.accumulate(joules, axis=0)[-1].tolist() if len(joules) else [0.0] * joules.shape[1]
        return dict(zip(DYNAMIC_COMPONENTS, sums, strict=True))

    def busy_and_blocked(self, steps: Sequence[int] | Integers, end: int) -> tuple[int, int]:
        """Picoseconds in which these steps worked, and waited, until ``end``."""
        inside = np.minimum(self.ends[steps], end) - self.starts[steps]
        held = np.minimum(self.blocked[steps], inside)
        return int((inside - held).sum()), int(held.sum())


def in_turn(seconds: Numbers, joules: Numbers) -> Columns | None:
    """Steps one after the other, each done; None where they take longer than there are numbers for."""
    if not seconds.sum() * PICOSECONDS < _MOST_PICOSECONDS:
        return None
    ends = np.cumsum(np.rint(seconds * PICOSECONDS).astype(np.int64))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    return Columns(starts, ends, np.zeros(len(ends), np.int64), np.ones(len(ends)), joules)


class RecalledTimeline(Timeline[ModelStep]):
    """Adds up columns; the tasks themselves are made if someone asks for them.

    Parameters
    ----------
    like
        Whose waits and extra work it has.
    tracks
        The steps of each device, by their places.
    make_tasks
        Makes the tasks.
    """

    def __init__(
        self,
        like: Timeline[ModelStep],
        columns: Columns,
        tracks: dict[str, Integers],
        make_tasks: Callable[[], list[ModelStep]],
    ) -> None:
        super().__init__()
        self.take_waits(like)
        self.columns, self._places, self._make_tasks = columns, tracks, make_tasks

    @cached_property
    def _made(self) -> list[ModelStep]:
        return self._make_tasks()

    @property
    def tasks(self) -> list[ModelStep]:
        """The steps, in the order in which they started."""
        return self._made

    @property
    def tracks(self) -> set[str]:
        """Devices that had a step."""
        return set(self._places)

    def energy(self, end: int) -> dict[str, float]:
        """Joules by component of the tasks until ``end``."""
        return self.columns.energy(end)

    def _inside(self, track: str, end: int) -> tuple[int, int]:
        places = self._places.get(track)
        return (0, 0) if places is None else self.columns.busy_and_blocked(places, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledOutcome(SpeculationOutcome):
    """An outcome on such a timeline.

    Attributes
    ----------
    columns
        Of the timeline.
    wasted_steps
        Which steps brought no token.
    draft_length
        What :attr:`mean_draft_length` is: no costs change it.
    """

    columns: Columns
    wasted_steps: NDArray[np.bool_]
    draft_length: float

    @property
    def mean_draft_length(self) -> float:
        """Tokens that a verification was given, on average; 0 without verifications."""
        return self.draft_length

    @property
    def wasted_j(self) -> float:
        """Joules of the work that brought no token."""
        return sum(self.columns.energy(self.end, self.wasted_steps).values())
