"""How the weights of a run's models are kept, for its result."""

from collections.abc import Iterator, Mapping

from ahasd.family.record import Record
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair
from ahasd.workload.precision import Precision
from ahasd.workload.stored_weights import StoredWeights

#: Parts of a model whose bits per weight are given apart, and the groups of each.
_PARTS: dict[str, tuple[str, ...]] = {
    "attention": ("query", "key", "value", "attention_output"),
    "feed-forward": ("gate", "up", "down", "shared_gate", "shared_up", "shared_down"),
    "experts": ("expert_gate", "expert_up", "expert_down"),
    "other matrices": ("router", "other"),
    "embedding": ("embedding",),
    "head": ("lm_head",),
}


class WeightsRecord(Record):
    """How a model's weights are kept.

    Attributes
    ----------
    format, origin
        As people name it, and what says so.
    parameters, bytes, bits_per_weight
        Weights; what they take with the scales of their groups.
    parts
        Bits per weight of attention, feed-forward, experts, embedding, head, where it has such.
    held_bytes
        What they take where they lie: more than `bytes` in memory that computes, which holds words of 4, 8 or 16
        bits.
    beside
        What else the file holds.
    """

    format: str
    origin: str
    parameters: int
    bytes: int
    bits_per_weight: float
    parts: dict[str, float]
    held_bytes: int
    beside: list[str]

    @property
    def line(self) -> str:
        """In a line."""
        parts = ", ".join(f"{part} {bits:.2f}" for part, bits in self.parts.items())
        held = f", {self.held_bytes / 1e9:.3f} GB in words of 4, 8 and 16 bits" * (
            self.held_bytes != self.bytes
        )
        return (
            f"{self.format} ({self.origin}): {self.bits_per_weight:.2f} bits per weight with scales, "
            f"{self.parameters:,} parameters, {self.bytes / 1e9:.3f} GB{held} ({parts})"
        )


def weights_records(pair: ModelPair, placed: Mapping[str, ModelSpec]) -> dict[str, WeightsRecord]:
    """A record for each model whose weights are kept in a stated format."""
    specs = {"target": pair.target, "draft": pair.draft}
    return {
        model: _record(kept, held)
        for model, spec in placed.items()
        if (kept := specs[model].stored_weights) is not None and (held := spec.stored_weights) is not None
    }


def _record(kept: StoredWeights, held: StoredWeights) -> WeightsRecord:
    parts = {part: kept.bits_of(*names) for part, names in _PARTS.items()}
    return WeightsRecord(
        format=kept.format,
        origin=kept.origin,
        parameters=kept.elements,
        bytes=kept.bytes,
        bits_per_weight=kept.bits_per_weight,
        parts={part: bits for part, bits in parts.items() if bits is not None},
        held_bytes=held.bytes,
        beside=list(kept.beside),
    )


def weights_notes(pair: ModelPair, precision: Precision, placed: Mapping[str, ModelSpec]) -> Iterator[str]:
    """What a reader must know of the formats; nothing where all is in plain widths."""
    records = weights_records(pair, placed)
    widened = [model for model, record in records.items() if record.held_bytes != record.bytes]
    if widened:
        yield (
            f"units in memory multiply words of 4, 8 or 16 bits: what {' and '.join(widened)} have in other "
            "widths, or as numbers in a code book, lies there in the next wider word, its scales beside it"
        )
    for model, record in records.items():
        if record.beside:
            yield f"not counted of the {model}'s file: {', '.join(record.beside)}"
    if records:
        for model in placed.keys() - records.keys():
            bits = precision.weight_bits
            yield f"weights of the {model}: {bits} bits without scales, as neither its file nor an option says"
        yield (
            "a weight's format decides its bytes; arithmetic counts up to 6.9 bits as 4 and up to 12 as 8, and "
            "unpacking and scaling as free beside it"
        )
    if precision.kv_format is not None:
        kept = precision.kv_format
        yield f"keys and values: {kept.name}, {kept.bits:g} bits each with scales"
