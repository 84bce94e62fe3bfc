"""Runs of a family that has no view of its own."""

from typing import TYPE_CHECKING

from ahasd.family.result import Result
from ahasd.report.pictures.runs.base import RunView, is_run
from ahasd.report.pictures.view import Document
from ahasd.systems.families import FAMILIES, load_family

if TYPE_CHECKING:
    from ahasd.report.pictures.view import View


class OtherRuns(RunView[Result]):
    """What all runs have in common."""

    name = "run"
    page = "report.md"

    def reads(self, document: Document) -> bool:
        """Whether these are results of a run of any family."""
        return is_run(document)

    def result_type(self, document: Document) -> type[Result]:
        """The family's own class; the core alone where the family is not known here."""
        family = document["family"]
        return load_family(family).result if family in FAMILIES else Result


VIEW: "View" = OtherRuns()
