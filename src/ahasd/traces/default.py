"""The trace that is replayed where none is named."""

#: Recorded from the tiny pair, its draft distilled from the target, by sampling.
DEFAULT_TRACE = "tiny-distilled-sampled"
