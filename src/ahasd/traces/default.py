"""The trace that is replayed where none is named, and what the pairs of models that have names are calibrated on."""

#: Recorded from the tiny pair, its draft distilled from the target, by sampling.
TINY_PAIR_TRACE = "tiny-distilled-sampled"

#: Of SmolLM2-135M and its draft.
SMOLLM2_TRACE = "smollm2-135m-chat-sampled"

#: Of SmolLM2-135M that drafts for itself with 4 bits a weight: about half of the bytes of an 8-bit target, as a model
#: of 7B has of one of 13B.
SMOLLM2_SELF_TRACE = "smollm2-135m-4bit-chat-sampled"

#: What heads guess where no tree trace is named: Medusa's published accuracies.
DEFAULT_TREE_TRACE = "synthetic-tree:heads=medusa-7b"

#: Every figure that is given without a trace rests on this one.
DEFAULT_TRACE = SMOLLM2_SELF_TRACE
