"""What a run of sparse attention in bonded memory is asked for."""

from ahasd.family.configuration import Configuration
from ahasd.sparse_attention.run_options import SparseAttentionOptions


class SparseAttentionConfiguration(SparseAttentionOptions, Configuration):
    """A system, a model, its context and a device."""
