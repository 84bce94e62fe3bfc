"""Runs of a family that has no view of its own."""

from typing import TYPE_CHECKING

from ahasd.family.result import Result
from ahasd.report.pictures.runs.base import RunView, is_run
from ahasd.report.pictures.view import Document

if TYPE_CHECKING:
    from ahasd.report.pictures.view import View


class OtherRuns(RunView[Result]):
    """What all runs have in common."""

    name = "run"
    page = "report.md"

    def reads(self, document: Document) -> bool:
        """Whether these are results of a run of any family."""
        return is_run(document)

    def result_type(self) -> type[Result]:
        """The family's own class; its sections are read, though nothing is drawn of them."""
        from ahasd.family.any_result import AnyResult

        return AnyResult


VIEW: "View" = OtherRuns()
