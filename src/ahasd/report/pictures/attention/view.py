"""What runs of sparse attention in bonded memory look like."""

from typing import TYPE_CHECKING

from ahasd.report.pictures.runs.base import RunView
from ahasd.report.pictures.view import Document
from ahasd.sparse_attention.result import SparseAttentionResult

if TYPE_CHECKING:
    from ahasd.report.pictures.form import Form
    from ahasd.report.pictures.view import View


class AttentionView(RunView[SparseAttentionResult]):
    """What all runs have in common."""

    name = "sparse_attention"
    page = "attention.md"

    def result_type(self, document: Document) -> type[SparseAttentionResult]:
        """Results with the section ``sparse_attention``."""
        return SparseAttentionResult

    def form(self) -> "Form":
        """The options of ``ahasd run``."""
        from ahasd.report.pictures.runs.form import RunForm

        return RunForm(self, {"context": ("8192", "32k", "128k", "1M")})


VIEW: "View" = AttentionView()
