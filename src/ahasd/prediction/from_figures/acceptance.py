"""Where the acceptance of a plan comes from: a person, the published record, or a trace."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ahasd.prediction.from_figures.setting import DraftMethod
from ahasd.prediction.from_figures.tasks import Task
from ahasd.prediction.from_figures.usual_acceptance import (
    UsualAcceptance,
    size_ratios,
    task_projects,
    usual_acceptance,
)


@dataclass(frozen=True, slots=True)
class Chance:
    """That a drafted token is accepted if those before it were.

    Attributes
    ----------
    low, middle, high
        Ends and middle of an interval of 80 %, all the same for a chance that is given.
    source
        "given", "published record" or "trace".
    """

    low: float
    middle: float
    high: float
    source: str


class Acceptance(ABC):
    """Says how often drafts are accepted.

    Life cycle: asked for each method and draft length of a plan, in any order; answers are the same every time.
    """

    @abstractmethod
    def chance(self, method: DraftMethod, length: int) -> Chance | None:
        """The chance of a token; None where nothing is known of a method."""

    @abstractmethod
    def notes(self, method: DraftMethod) -> list[str]:
        """Sentences on where the acceptance of a method comes from."""


@dataclass(frozen=True, slots=True)
class RecordedAcceptance(Acceptance):
    """What the published record shows.

    Attributes
    ----------
    task
        Kind of text; None for all kinds.
    ratio
        Parameters that a token reads of the target over those of the draft model; None without one.
    """

    task: Task | None = None
    ratio: float | None = None

    def chance(self, method: DraftMethod, length: int) -> Chance | None:
        """The same for every length."""
        found = usual_acceptance(method, self.task, self.ratio)
        return Chance(found.low, found.middle, found.high, "published record") if found is not None else None

    def notes(self, method: DraftMethod) -> list[str]:
        """The figure, how many projects it is from, and what the task and the draft's size do to it."""
        found = usual_acceptance(method, self.task, self.ratio)
        return [] if found is None else [self._figure(method, found), *self._ratio(method)]

    def _figure(self, method: DraftMethod, found: UsualAcceptance) -> str:
        many = f"{found.projects} project{'s' * (found.projects != 1)}"
        said = (
            f"The acceptance of {found.middle:.2f} a token ({found.low:.2f} to {found.high:.2f}) is what the "
            f"published record shows for {method}, {many}"
        )
        if self.task is not None:
            telling = task_projects(method, self.task)
            said += (
                f", moved to {self.task} as {telling} project{'s' * (telling != 1)} tell{'s' * (telling == 1)}"
                if telling
                else f"; nobody tells what {self.task} does to it"
            )
        return f"{said}. Give --acceptance or --trace if you know yours."

    def _ratio(self, method: DraftMethod) -> list[str]:
        seen = size_ratios()
        if method != "draft-model" or self.ratio is None or seen.hold(self.ratio):
            return []
        return [
            f"The record's drafts read {seen.low:.0f} to {seen.high:.0f} times less than their targets, this one "
            f"{self.ratio:.3g} times; its acceptance is less sure, and the interval wider."
        ]


@dataclass(frozen=True, slots=True)
class GivenAcceptance(Acceptance):
    """What a person says of one way to draft; of the others, what the record shows.

    Attributes
    ----------
    value
        A chance, at least 0 and below 1.
    methods
        What it is said of.
    others
        Answers for the rest.
    """

    value: float
    methods: tuple[DraftMethod, ...]
    others: Acceptance = RecordedAcceptance()

    def chance(self, method: DraftMethod, length: int) -> Chance | None:
        """The same for every length."""
        if method in self.methods:
            return Chance(self.value, self.value, self.value, "given")
        return self.others.chance(method, length)

    def notes(self, method: DraftMethod) -> list[str]:
        """Nothing on what was said."""
        return [] if method in self.methods else self.others.notes(method)
