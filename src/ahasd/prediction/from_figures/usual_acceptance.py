"""How often drafted tokens are accepted where nobody said: what the published record shows, with its spread."""

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from math import exp, log
from typing import Any

from ahasd.prediction.from_figures.setting import DraftMethod
from ahasd.prediction.from_figures.tasks import Task
from ahasd.yaml_text import read_yaml

#: A draft whose size is outside what the record holds: its spread, in logits, is so many times as wide (ours).
STRANGE_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class UsualAcceptance:
    """Chance that a drafted token is accepted if those before it were.

    Attributes
    ----------
    low, middle, high
        Below which a tenth, a half and nine tenths of the record lie, every project counting the same.
    projects
        How many there are.
    """

    low: float
    middle: float
    high: float
    projects: int

    def shifted(self, shift: float) -> "UsualAcceptance":
        """All three moved by so much in logits."""
        low, middle, high = (_chance(_logit(each) + shift) for each in (self.low, self.middle, self.high))
        return replace(self, low=low, middle=middle, high=high)

    def widened(self, factor: float) -> "UsualAcceptance":
        """Both ends moved away from the middle by a factor, in logits."""
        middle = _logit(self.middle)
        low, high = (_chance(middle + factor * (_logit(each) - middle)) for each in (self.low, self.high))
        return replace(self, low=low, high=high)


@dataclass(frozen=True, slots=True)
class SizeRatios:
    """How many times smaller than their targets the drafts of the record are, in parameters that a token reads."""

    low: float
    high: float
    projects: int

    def hold(self, ratio: float) -> bool:
        """Whether the record holds such a draft."""
        return self.low <= ratio <= self.high


def usual_acceptance(
    method: DraftMethod, task: Task | None = None, ratio: float | None = None
) -> UsualAcceptance | None:
    """What the record shows of a way to draft; None where it shows nothing that carries over.

    Parameters
    ----------
    task
        Kind of text; None for all that the record holds.
    ratio
        Parameters that a token reads of the target over those of a draft model; None for no draft model.
    """
    document = _document()
    if method not in document["record"]:
        return None
    figures = document["record"][method]
    found = UsualAcceptance(figures["low"], figures["middle"], figures["high"], figures["projects"])
    if task is not None and task_projects(method, task):
        found = found.shifted(document[_shifts(method)][task]["shift"])
    if method == "draft-model" and ratio is not None and not size_ratios().hold(ratio):
        found = found.widened(STRANGE_RATIO)
    return found


def task_projects(method: DraftMethod, task: Task) -> int:
    """How many projects tell a kind of text from others, for methods like this."""
    entry = _document()[_shifts(method)].get(task)
    return entry["projects"] if entry is not None else 0


def longest_draft(method: DraftMethod) -> int | None:
    """The longest draft that anybody published; None where nobody says. Beyond, acceptance is a guess."""
    entry = _document()["record"].get(method)
    return int(entry["longest"]) if entry is not None else None


@cache
def size_ratios() -> SizeRatios:
    """The drafts of the record."""
    return SizeRatios(**_document()["ratio"]["draft-model"])


def _shifts(method: DraftMethod) -> str:
    return "copying_shift" if method == "ngram" else "drafting_shift"


@cache
def _document() -> dict[str, Any]:
    text = (resources.files("ahasd.prediction.from_figures") / "acceptance.yaml").read_text(encoding="utf-8")
    return dict(read_yaml(text))


def _logit(chance: float) -> float:
    return log(chance / (1 - chance))


def _chance(logit: float) -> float:
    return 1 / (1 + exp(-logit))
