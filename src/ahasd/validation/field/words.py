"""What cells of the record say, in the words that people use there."""

import re
from math import isfinite

from ahasd.prediction.from_figures.setting import DraftMethod
from ahasd.prediction.from_figures.tasks import Task
from ahasd.validation.table import Row

#: What a method's name means, in the order in which it is asked. Heads of Medusa and Hydra cost what EAGLE's do: a
#: small layer and the output layer; suffix trees, look-up and Jacobi windows have no draft to run.
_METHODS: tuple[tuple[str, DraftMethod], ...] = (
    (r"n-?gram|look-?up|suffix|copy|lookahead|jacobi", "ngram"),
    (r"dflash", "dflash"),
    (r"dspark", "dspark"),
    (r"eagle|medusa|hydra|p-eagle", "eagle"),
    (r"mtp|nextn|multi-token", "mtp"),
    (r"skip|self", "layer-skip"),
    (r"draft|model|assist|pearl", "draft-model"),
)


#: What the clauses of notes say of the text that was written, where it was all of one kind. A clause with figures of
#: its own ("prose 33.6->47.9") is about something besides.
_TASKS: tuple[tuple[str, Task], ...] = (
    (r"code edit|file rewrite", "edit"),
    (r"code|humaneval|mbpp", "code"),
    (r"math|gsm8k|reasoning", "math"),
    (r"chat|mt-bench", "chat"),
    (r"prose|summarization|translation|[a-z]+ poetry|[a-z]+ explanation", "prose"),
)


def task_of(row: Row) -> Task | None:
    """What kind of text a row was measured on; None where it does not say, or on several kinds."""
    for clause in re.split(r"[;,:]", row.texts["notes"].lower()):
        for pattern, task in _TASKS:
            if re.fullmatch(rf"(?:category )?(?:{pattern})\d*(?: [\w .]*)?", clause.strip()):
                return task
    return None


def method_named(text: str) -> DraftMethod | None:
    """How a row drafts by its word for it, with a model of its own if it has none; None if the word is not known."""
    if not text:
        return "draft-model"
    return next((method for pattern, method in _METHODS if re.search(pattern, text.lower())), None)


def method_of(row: Row) -> DraftMethod:
    """How a row drafts.

    Raises
    ------
    AhasdError
        Its word is not known.
    """
    said = row.texts["method"]
    method = method_named(said)
    if method is None:
        raise row.fail("method", f"'{said}' is no way to draft that is known here")
    return method


def figure(row: Row, column: str, unit: float = 1.0) -> float | None:
    """Read a positive figure; the middle of a range such as 2-4; None for an empty cell.

    Raises
    ------
    AhasdError
        The cell holds something else.
    """
    text = row.texts[column].strip().removeprefix("~")
    if not text:
        return None
    if said := re.fullmatch(r"(\d+(?:\.\d+)?) ?[-–] ?(\d+(?:\.\d+)?)", text):
        value = (float(said[1]) + float(said[2])) / 2
        if isfinite(value) and value > 0:
            return value * unit
    return row.number(column) * unit
