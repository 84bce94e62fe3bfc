"""The extension point for reference measurements, and what a comparison with one amounts to."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from ahasd.validation.table import Row


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """One measured row beside its prediction.

    Attributes
    ----------
    row
        What was measured, as (column, text) pairs.
    group
        Rows of one file that have an error of their own, such as with and without refresh; "" for all alike.
    measured, predicted
        In the file's own unit.
    """

    row: tuple[tuple[str, str], ...]
    group: str
    measured: float
    predicted: float

    @property
    def error(self) -> float:
        """Relative error, a fraction; positive when the prediction is too high."""
        return self.predicted / self.measured - 1


@dataclass(frozen=True, slots=True)
class FileReport:
    """All rows of a file.

    Attributes
    ----------
    null
        What a model without the mechanism would say of the same rows, where there is one to beat.
    null_model
        That model, in a few words.
    unpredictable
        Names of rows that are not predicted, with why.
    """

    name: str
    unit: str
    comparisons: tuple[PredictedRow, ...]
    null: tuple[PredictedRow, ...] = ()
    null_model: str = ""
    unpredictable: tuple[tuple[str, str], ...] = ()

    @property
    def mean_error(self) -> float:
        """Mean absolute relative error, a fraction."""
        return mean_error(self.comparisons)

    @property
    def max_error(self) -> float:
        """Largest absolute relative error, a fraction."""
        return max_error(self.comparisons)

    def groups(self) -> dict[str, tuple[PredictedRow, ...]]:
        """Comparisons by group, in the order of the file."""
        found: dict[str, tuple[PredictedRow, ...]] = {}
        for comparison in self.comparisons:
            found[comparison.group] = (*found.get(comparison.group, ()), comparison)
        return found


def mean_error(comparisons: tuple[PredictedRow, ...]) -> float:
    """Mean absolute relative error, a fraction."""
    return sum(abs(comparison.error) for comparison in comparisons) / len(comparisons)


def max_error(comparisons: tuple[PredictedRow, ...]) -> float:
    """Largest absolute relative error, a fraction."""
    return abs(worst(comparisons).error)


def worst(comparisons: tuple[PredictedRow, ...]) -> PredictedRow:
    """The row with the largest absolute error."""
    return max(comparisons, key=lambda comparison: abs(comparison.error))


class Reference(ABC):
    """A kind of reference file.

    Life cycle: asked whether it ``reads`` a file of that name; if so, ``compare`` reads it and predicts every
    row through the same code that a run uses. It holds no measured figure itself.
    """

    @abstractmethod
    def reads(self, name: str) -> bool:
        """Whether files of this name are of this kind."""

    @abstractmethod
    def compare(self, path: Path) -> FileReport | None:
        """Predict every row of a file, or say which are not and why; None where no row is of a kind that it knows.

        Raises
        ------
        AhasdError
            The file is malformed; the message names file, line and column.
        """


def as_pairs(row: Row) -> tuple[tuple[str, str], ...]:
    """A row as (column, text) pairs."""
    return tuple(row.texts.items())
