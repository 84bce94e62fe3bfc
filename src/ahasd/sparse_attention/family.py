"""Sparse attention in bonded memory as a family."""

from ahasd.family.family import Family
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.result import SparseAttentionResult
from ahasd.sparse_attention.run import SparseAttentionRun
from ahasd.sparse_attention.system import SYSTEMS

FAMILY = Family(
    name="sparse_attention",
    description="long contexts in memory bonded to logic: which heads read what, and which bank works on it",
    systems=SYSTEMS,
    configuration=SparseAttentionConfiguration,
    result=SparseAttentionResult,
    start=SparseAttentionRun,
)
