"""The result of a run of sparse attention in bonded memory."""

from ahasd.family.record import Record
from ahasd.family.result import Result


class SparseAttentionSection(Record):
    """The family's own part of a result. Times and bytes are of a step, in the mean.

    Attributes
    ----------
    model, device, mapping
        What ran, where, and how it was spread.
    context
        Tokens that the last step attended to.
    dense_heads, paged_heads, streaming_heads
        Of all layers.
    attention_s, other_s
        Attention, and products with weights.
    phases_s
        Attention by phase: queries sent, banks at work, what choosing pages adds, parts merged.
    attention_bytes, other_bytes
        Read from banks.
    straggling
        Busiest bank of each layer over the mean bank; 1 is balanced.
    attention_j
        Energy of attention.
    """

    model: str
    device: str
    mapping: str
    context: int
    requests: int
    dense_heads: int
    paged_heads: int
    streaming_heads: int
    attention_s: float
    other_s: float
    phases_s: dict[str, float]
    attention_bytes: float
    other_bytes: float
    straggling: float
    attention_j: float


class SparseAttentionResult(Result):
    """A result with the section ``sparse_attention``."""

    tokens: int
    tokens_per_second: float
    joules_per_token: float
    tpot_s: float
    sparse_attention: SparseAttentionSection

    def groups(self) -> dict[str, dict[str, str]]:
        """How fast, and what attention takes of it."""
        part = self.sparse_attention
        phases = ", ".join(f"{name} {seconds * 1e6:.1f}" for name, seconds in part.phases_s.items())
        return {
            "Speed": {
                "tokens": f"{self.tokens}",
                "decode time": f"{self.seconds:.4f} s",
                "throughput": f"{self.tokens_per_second:.3f} tokens/s",
                "time of a step": f"{(part.attention_s + part.other_s) * 1e3:.3f} ms",
                "energy per token": f"{self.joules_per_token:.4f} J",
            },
            "Attention": {
                "model": f"{part.model}, {part.requests} x {part.context} tokens",
                "heads": f"{part.dense_heads} dense, {part.paged_heads} paged, {part.streaming_heads} streaming",
                "mapping": part.mapping,
                "of a step": f"{part.attention_s * 1e3:.3f} ms ({phases} us)",
                "read from banks": f"{part.attention_bytes / 1e9:.3f} GB",
                "busiest bank": f"{part.straggling:.2f} times the mean",
                "products with weights": f"{part.other_s * 1e3:.3f} ms",
            },
        }
