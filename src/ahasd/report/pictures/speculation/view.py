"""What runs of speculative decoding look like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.base import RunView
from ahasd.report.pictures.speculation.acceptance import acceptance_by_entropy, acceptance_histogram
from ahasd.report.pictures.speculation.operators import roofline
from ahasd.report.pictures.speculation.token_time import token_time
from ahasd.report.pictures.speculation.trees import tree, tree_sizes
from ahasd.report.pictures.view import Document
from ahasd.speculation.results import SpeculationResult

if TYPE_CHECKING:
    from ahasd.family.run import Run
    from ahasd.report.pictures.form import Form
    from ahasd.report.pictures.view import View


class SpeculationView(RunView[SpeculationResult]):
    """Where a token's time went, what was accepted and when, and every operator under its roof."""

    name = "speculation"
    page = "model.md"

    def result_type(self, document: Document) -> type[SpeculationResult]:
        """Results with the section ``speculation``."""
        return SpeculationResult

    def figures(self, result: SpeculationResult, details: Details) -> Sequence[Figure]:
        """Those of all its runs, and those of trees; most are of the run's details."""
        found: list[Figure | None] = []
        if "tasks" in details:
            found.append(token_time(result, details["tasks"], details.get("operators")))
        found.append(acceptance_histogram(result))
        if "acceptance_by_entropy" in details:
            found.append(acceptance_by_entropy(details["acceptance_by_entropy"]))
        if "tree_nodes" in details and "tree_sizes" in details:
            found += [tree(details["tree_nodes"], details["tree_sizes"]), tree_sizes(details["tree_sizes"])]
        if "operators" in details:
            found.append(roofline(details["operators"]))
        return [figure for figure in found if figure is not None]

    def details(self, run: "Run") -> dict[str, Columns]:
        """Beside tasks and queues the operators of its steps, and its trace's acceptance by entropy."""
        from ahasd.report.pictures.speculation.details import entropy_columns, operator_columns, tree_columns
        from ahasd.speculation.run import SpeculationRun
        from ahasd.traces.rollout.rollout import RolloutTrace

        if not isinstance(run, SpeculationRun):
            raise AhasdError(f"not a run of speculative decoding: {run!r}")
        found = super().details(run) | {"operators": operator_columns(run.placed, run.outcome)}
        trace = run.resolved.trace
        if run.resolved.algorithm is not None and isinstance(trace, RolloutTrace):
            found["acceptance_by_entropy"] = entropy_columns(trace)
        if run.outcome.trees is not None:
            found |= tree_columns(run.outcome.trees)
        return found

    def form(self) -> "Form":
        """The options of ``ahasd run``, and the constants of the hardware."""
        from ahasd.report.pictures.speculation.form import SpeculationForm

        return SpeculationForm(self)


VIEW: "View" = SpeculationView()
