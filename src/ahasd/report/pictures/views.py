"""The one list of views, and whose a document is."""

from functools import cache
from importlib import import_module

from ahasd.errors import AhasdError
from ahasd.report.pictures.view import Document, View

#: Modules with a ``VIEW``, in the order in which they are asked; a family joins by its line.
VIEWS = (
    "ahasd.report.pictures.speculation.view",
    "ahasd.report.pictures.experts.view",
    "ahasd.report.pictures.attention.view",
    "ahasd.report.pictures.speech.view",
    "ahasd.report.pictures.ordering.view",
    "ahasd.report.pictures.private.view",
    "ahasd.report.pictures.comparison.ranking",
    "ahasd.report.pictures.comparison.of_family",
    "ahasd.report.pictures.comparison.ablation",
    "ahasd.report.pictures.claims.view",
    "ahasd.report.pictures.runs.other",
)


@cache
def views() -> tuple[View, ...]:
    """All views."""
    return tuple(import_module(name).VIEW for name in VIEWS)


def view_of(document: Document, where: str) -> View:
    """The view that reads a document.

    Raises
    ------
    AhasdError
        None does.
    """
    found = next((view for view in views() if view.reads(document)), None)
    if found is None:
        raise AhasdError(
            f"{where} is not what a command of ahasd writes: neither the results of a run, nor a comparison, an "
            "ablation, a ledger of claims, an order, or a private plan"
        )
    return found
