"""Published speed-ups of speculative decoding, from figures alone and from measured passes."""

from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.speed_up import (
    SpeedUp,
    predict_from_pass,
    predict_speed_up,
    tokens_per_second_alone,
)
from ahasd.prediction.from_figures.target_alone import has_achieved_bandwidth
from ahasd.prediction.from_figures.textbook import textbook_speed_up
from ahasd.validation.field.published_run import (
    OUTCOME,
    SPECIFICATION,
    TIMES,
    measured_pass,
    setting_of,
)
from ahasd.validation.field.scores import PredictedRun
from ahasd.validation.field.words import method_named
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A row with all that is said of it.

    Attributes
    ----------
    name
        Its identity, or its line.
    measured
        From measured passes; None where the row has none.
    """

    name: str
    source: str
    predicted: PredictedRun
    textbook: PredictedRun
    measured: PredictedRun | None


@dataclass(frozen=True, slots=True)
class FieldReport(FileReport):
    """All rows of a file of published speed-ups.

    Attributes
    ----------
    rows
        In the order of the file; the others are `unpredictable`.
    """

    rows: tuple[FieldRow, ...] = ()


class Speculation(Reference):
    """Predicted from the columns of `SPECIFICATION` alone, and once more with times where a row gives them.

    A row is predicted if it gives a speed-up and an acceptance or tokens per pass.
    """

    def reads(self, name: str) -> bool:
        """``speculation….csv``."""
        return name.startswith("speculation") and name.endswith(".csv")

    def compare(self, path: Path) -> FieldReport:
        """Predict every row that can be."""
        found: list[FieldRow] = []
        comparisons: list[PredictedRow] = []
        null: list[PredictedRow] = []
        others: list[tuple[str, str]] = []
        for row in read_table(path, (*SPECIFICATION, *OUTCOME, *TIMES)):
            lacks = missing(row)
            if lacks:
                others.append((row_name(row), lacks))
                continue
            predicted = predict_row(row)
            found.append(predicted)
            pairs = as_pairs(row)
            published = predicted.predicted.published
            comparisons.append(PredictedRow(pairs, row.texts["method"], published, predicted.predicted.mean))
            null.append(PredictedRow(pairs, row.texts["method"], published, predicted.textbook.mean))
        if not found:
            raise AhasdError(f"{path.name}: no row has a speed-up and an acceptance or tokens per pass")
        return FieldReport(
            path.name,
            "times the target alone",
            tuple(comparisons),
            tuple(null),
            "the textbook's formula, in which a pass of any width costs as much as one of a row",
            tuple(others),
            tuple(found),
        )


def missing(row: Row) -> str:
    """What a row lacks to be predicted; "" if nothing."""
    if not row.texts["speedup"]:
        return "no speed-up"
    if not row.texts["acceptance_rate"] and not row.texts["mean_accepted_len"]:
        return "neither acceptance nor tokens per pass"
    if method_named(row.texts["method"]) is None:
        return f"no way to draft that is known here: '{row.texts['method']}'"
    return ""


def row_name(row: Row) -> str:
    """A row's identity, or where it stands."""
    return row.texts.get("id") or f"line {row.line}"


def predict_row(row: Row) -> FieldRow:
    """Predict a row in every way that it allows."""
    setting = setting_of(row)
    published = row.number("speedup")
    prediction, textbook = predict_speed_up(setting), textbook_speed_up(setting)
    assert prediction is not None, "asked before"
    assert textbook is not None, "asked before"
    published_alone = row.number("target_alone_tok_s") if row.texts["target_alone_tok_s"] else None
    alone = tokens_per_second_alone(setting) if has_achieved_bandwidth(setting) else None
    return FieldRow(
        row_name(row),
        row.texts.get("source", ""),
        _run(published, prediction, alone, published_alone),
        PredictedRun(published, textbook, textbook, textbook),
        _measured(row, setting, published),
    )


def _measured(row: Row, setting: Setting, published: float) -> PredictedRun | None:
    found = measured_pass(row)
    if found is None:
        return None
    prediction = predict_from_pass(setting, found.cost, found.whole_round, found.draft)
    return _run(published, prediction) if prediction is not None else None


def _run(
    published: float, prediction: SpeedUp, alone: float | None = None, published_alone: float | None = None
) -> PredictedRun:
    return PredictedRun(published, prediction.mean, prediction.low, prediction.high, alone, published_alone)
