"""What runs of sparse attention in bonded memory look like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.report.pictures.attention.banks import bank_work, phases
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.base import RunView
from ahasd.report.pictures.view import Document
from ahasd.sparse_attention.result import SparseAttentionResult

if TYPE_CHECKING:
    from ahasd.family.run import Run
    from ahasd.report.pictures.form import Form
    from ahasd.report.pictures.view import View

#: Tokens of a short run (ours); each is a step of its own, and they are much alike.
SHORT_RUN = 8


class SparseAttentionView(RunView[SparseAttentionResult]):
    """A step by phase, and a bar for each bank."""

    name = "sparse_attention"
    page = "attention.md"

    def result_type(self, document: Document) -> type[SparseAttentionResult]:
        """Results with the section ``sparse_attention``."""
        return SparseAttentionResult

    def figures(self, result: SparseAttentionResult, details: Details) -> Sequence[Figure]:
        """Phases, and banks where the run left them."""
        found = [phases(result)]
        if "banks" in details and details["banks"].rows:
            found.append(bank_work(details["banks"]))
        return found

    def details(self, run: "Run") -> dict[str, Columns]:
        """Beside tasks, how long each bank works at attention in a step, in the mean."""
        from ahasd.sparse_attention.run import SparseAttentionRun

        if not isinstance(run, SparseAttentionRun):
            raise AhasdError(f"not a run of sparse attention: {run!r}")
        each = run.placed.device.banks.banks_per_channel
        rows = [(bank, bank // each, seconds * 1e6) for bank, seconds in enumerate(run.bank_seconds.tolist())]
        return super().details(run) | {"banks": Columns.of(("bank", "channel", "microseconds"), rows)}

    def form(self) -> "Form":
        """The options of ``ahasd run``."""
        from ahasd.hardware.bonded.bonded_device import bonded_names
        from ahasd.report.pictures.runs.form import RunForm
        from ahasd.sparse_attention.heads.shipped import pattern_names

        heads = pattern_names()
        suggestions = {
            "model": heads,
            "heads": [*heads, "even"],
            "hardware": bonded_names(),
            "context": ("8192", "32k", "128k", "1M"),
        }
        return RunForm(self, suggestions, {"tokens": SHORT_RUN})


VIEW: "View" = SparseAttentionView()
