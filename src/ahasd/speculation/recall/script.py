"""The steps of a run without their costs, to be gone through again on another machine."""

from dataclasses import fields, replace
from typing import Self

import numpy as np

from ahasd.hardware.pass_grid import Integers, Numbers, Passes
from ahasd.hardware.step_table import COLUMNS, StepCosts
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import WASTED, ModelStep
from ahasd.speculation.recall.timeline import Columns, RecalledOutcome, RecalledTimeline, in_turn
from ahasd.speculation.schedule import SpeculationOutcome

#: Whose steps those of a kind are, by the machine's names.
_TABLES = {
    "decode": "target_steps",
    "verify": "target_steps",
    "draft": "draft_steps",
    "catch_up": "draft_steps",
    "preverify": "preverify_steps",
}


class Script:
    """What a schedule did, some hundred bytes for each step.

    Life cycle: made of an outcome by ``of``; ``on`` or ``in_turn_on`` another machine gives the outcome that the
    schedule would have there, provided that it would do the same: which is for whoever asks to know.

    Attributes
    ----------
    machine
        Where it was.
    wraps
        Of the walk.
    """

    def __init__(self, machine: Machine, outcome: SpeculationOutcome, wraps: int) -> None:
        tasks = outcome.timeline.tasks
        self.machine, self.wraps = machine, wraps
        self._kinds = [task.kind for task in tasks]
        self._fates = [task.fate for task in tasks]
        self._each = [(task.width, task.context) for task in tasks]
        names = [_TABLES[task.kind] for task in tasks]
        self._places: dict[str, Integers] = {
            name: np.array([place for place, of in enumerate(names) if of == name])
            for name in dict.fromkeys(names)
        }
        self._passes = {
            name: Passes([self._each[place] for place in places]) for name, places in self._places.items()
        }
        self._starts = np.array([task.start for task in tasks])
        self._ends = np.array([task.end for task in tasks])
        self._blocked = np.array([task.blocked for task in tasks])
        self._done = np.array([task.done for task in tasks])
        self._wasted = np.array([task.fate in WASTED for task in tasks])
        self._first_pass = next((place for place, task in enumerate(tasks) if task.kind == "verify"), 0)
        self._draft_length = outcome.mean_draft_length
        self._outcome = replace(outcome, timeline=outcome.timeline.without_tasks())

    @classmethod
    def of(cls, machine: Machine, outcome: SpeculationOutcome, wraps: int) -> Self | None:
        """Record an outcome; None where a step does not cost what the machine's tables say."""
        tables = {kind: getattr(machine, name) for kind, name in _TABLES.items()}
        tasks = outcome.timeline.tasks
        for task in tasks:
            steps: StepCosts | None = tables.get(task.kind)
            if (
                steps is None
                or steps.cost(task.width, task.context) is not task.cost
                or task.track != steps.name
            ):
                return None
        return cls(machine, outcome, wraps) if tasks else None

    def on(self, machine: Machine) -> SpeculationOutcome:
        """The outcome on a machine that takes as long for every step, and may draw more or less."""
        _, joules = self._costs(machine)
        columns = Columns(self._starts, self._ends, self._blocked, self._done, joules)
        return self._recalled(machine, columns, {})

    def in_turn_on(self, machine: Machine) -> SpeculationOutcome | None:
        """The outcome on any machine, of a schedule that takes one step after the other and never asks the time.

        None where it takes longer than there are numbers for.
        """
        columns = in_turn(*self._costs(machine))
        if columns is None:
            return None
        ends = columns.ends
        end = int(ends[-1])
        ledger = replace(self._outcome.ledger, first_emission=int(ends[self._first_pass]), last_emission=end)
        return self._recalled(machine, columns, {"end": end, "ledger": ledger})

    def _costs(self, machine: Machine) -> tuple[Numbers, Numbers]:
        """Seconds, and joules by component, of every step."""
        values = np.empty((len(self._each), COLUMNS))
        for name, places in self._places.items():
            steps: StepCosts = getattr(machine, name)
            values[places] = steps.columns(self._passes[name])
        return values[:, 0], values[:, 1:]

    def _recalled(self, machine: Machine, columns: Columns, changes: dict[str, object]) -> RecalledOutcome:
        def make_tasks() -> list[ModelStep]:
            tables: dict[str, StepCosts] = {kind: getattr(machine, name) for kind, name in _TABLES.items()}
            passes = [(tables[kind], *one) for kind, one in zip(self._kinds, self._each, strict=True)]
            times = zip(
                columns.starts.tolist(),
                columns.ends.tolist(),
                columns.blocked.tolist(),
                columns.done.tolist(),
                strict=True,
            )
            rows = zip(passes, self._kinds, times, self._fates, strict=True)
            return [
                ModelStep(
                    steps.name, kind, start, end, steps.cost(width, context), blocked, done,
                    width=width, context=context, fate=fate,
                )
                for (steps, width, context), kind, (start, end, blocked, done), fate in rows
            ]  # fmt: skip

        tracks: dict[str, list[Integers]] = {}
        for name, places in self._places.items():
            tracks.setdefault(getattr(machine, name).name, []).append(places)
        joined = {track: np.concatenate(of) for track, of in tracks.items()}
        timeline = RecalledTimeline(self._outcome.timeline, columns, joined, make_tasks)
        before = {field.name: getattr(self._outcome, field.name) for field in fields(SpeculationOutcome)}
        return RecalledOutcome(
            **{**before, **changes, "timeline": timeline},
            columns=columns,
            wasted_steps=self._wasted,
            draft_length=self._draft_length,
        )
