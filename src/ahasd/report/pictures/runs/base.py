"""What is shown of every run, whatever its family; a family adds its own figures."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ahasd.errors import AhasdError
from ahasd.family.result import Result, TokenResult
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.gantt import gantt, queue_depth
from ahasd.report.pictures.runs.reading import read_result
from ahasd.report.pictures.runs.tasks import queue_columns, task_columns
from ahasd.report.pictures.runs.totals import device_shares, energy, ways
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.run.ways import groups_tables, ways_table

if TYPE_CHECKING:
    from ahasd.family.run import Run

RunResult = TypeVar("RunResult", bound=Result)

#: Said where the run left no details.
WITHOUT_DETAILS = (
    "Figures of single steps need details.json, which `ahasd run --output` writes beside the results."
)


class RunView(View, Generic[RunResult]):
    """How results of a family with runs are shown; a subclass says what class they are, and adds figures."""

    def reads(self, document: Document) -> bool:
        """Whether these are results of the family's runs."""
        return document.get("family") == self.name and "verdict" in document

    @abstractmethod
    def result_type(self, document: Document) -> type[RunResult]:
        """The class of results that a document says it is."""

    def figures(self, result: RunResult, details: Details) -> Sequence[Figure]:
        """The family's own figures."""
        return ()

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """Sentence, ways side by side, the family's figures, then energy and time."""
        result = read_result(document, self.result_type(document))
        try:
            figures = self._drawn(result, details, window)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            names = ", ".join(details)
            raise AhasdError(f"details that `ahasd run` did not write ({names}): {error!r}") from error
        notes = [*result.notes, *([] if details else [WITHOUT_DETAILS])]
        return Shown(
            sentence=result.verdict.sentence,
            title=result.title,
            tables=(ways_table(result), *groups_tables(result)),
            figures=tuple(figures),
            notes=tuple(notes),
            asked=result.reproduce,
            main=main_figures(result),
        )

    def _drawn(self, result: RunResult, details: Details, window: Window | None) -> list[Figure]:
        """Figures that all runs have, then the family's."""
        tasks, queues = details.get("tasks"), details.get("queues")
        common: list[Figure | None] = [ways(result), energy(result), device_shares(result)]
        if tasks is not None:
            common.append(gantt(tasks, window))
        if queues is not None:
            common.append(queue_depth(queues, window, tasks))
        return [*(figure for figure in common if figure is not None), *self.figures(result, details)]

    def details(self, run: "Run") -> dict[str, Columns]:
        """Tasks and queues over time."""
        found: dict[str, Columns] = {"tasks": task_columns(run.outcome)}
        if run.outcome.queues:
            found["queues"] = queue_columns(run.outcome)
        return found


def main_figures(result: Result) -> dict[str, str]:
    """Speed, energy, and what a watt-hour lasts for, as far as they are known."""
    found: dict[str, str] = {}
    if isinstance(result, TokenResult):
        found["tokens/s"] = f"{result.tokens_per_second:.4g}"
        if result.joules_per_token is not None:
            found["J/token"] = f"{result.joules_per_token:.3g}"
    report = result.energy_report
    if report is not None and report.minutes_per_wh is not None:
        found["minutes per Wh"] = f"{report.minutes_per_wh:.3g}"
    return found


def is_run(document: Document) -> bool:
    """Whether these are results of a run of any family."""
    family: Any = document.get("family")
    return isinstance(family, str) and "verdict" in document and "work" in document
