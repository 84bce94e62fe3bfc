"""What runs of mixtures larger than fast memory look like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.experts.result import ExpertsResult
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.experts.fates import expert_fates, hits_over_time
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.base import RunView
from ahasd.report.pictures.view import Document

if TYPE_CHECKING:
    from ahasd.family.run import Run
    from ahasd.report.pictures.form import Form
    from ahasd.report.pictures.view import View

#: The default routing, cut to 32 tokens after each prompt (ours).
SHORT_ROUTING = (
    "synthetic-routing:experts=8,top=2,layers=32,tokens=192,prompts=2,prefix=64,zipf=0.3,repeat=0.2,depth=3"
)


class ExpertsView(RunView[ExpertsResult]):
    """Where experts were when they were needed."""

    name = "experts"
    page = "experts.md"

    def result_type(self, document: Document) -> type[ExpertsResult]:
        """Results with the section ``experts``."""
        return ExpertsResult

    def figures(self, result: ExpertsResult, details: Details) -> Sequence[Figure]:
        """Experts by fate, and hits over the passes."""
        found = [expert_fates(result)]
        if "passes" in details and details["passes"].rows:
            found.append(hits_over_time(details["passes"]))
        return found

    def details(self, run: "Run") -> dict[str, Columns]:
        """Beside tasks, what each pass needed and what of it was resident."""
        from ahasd.experts.run import ExpertsRun

        if not isinstance(run, ExpertsRun):
            raise AhasdError(f"not a run of a mixture: {run!r}")
        rows = [
            (one.number, one.start_s, one.needed, one.resident, one.copied, one.on_host)
            for one in run.passes()
        ]
        names = ("pass", "start_s", "needed", "resident", "copied", "on_host")
        return super().details(run) | {"passes": Columns.of(names, rows)}

    def form(self) -> "Form":
        """The options of ``ahasd run``."""
        from ahasd.report.pictures.runs.form import RunForm

        return RunForm(self, short={"routing": SHORT_ROUTING})


VIEW: "View" = ExpertsView()
