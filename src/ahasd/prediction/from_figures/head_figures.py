"""A head that drafts for the target, as what a drafted token reads of it and the room it takes."""

from dataclasses import dataclass
from typing import Literal

from ahasd.prediction.from_figures.model_figures import weight_bits
from ahasd.prediction.from_figures.model_shape import CACHE_BITS
from ahasd.workload.readers.draft_heads import DraftHead, HeadKind

#: Ways of heads of which costs are known. Medusa's are a small block and an output layer a token, as EAGLE's are.
HeadMethod = Literal["eagle", "dflash"]
_METHODS: dict[HeadKind, HeadMethod] = {
    "eagle": "eagle",
    "eagle3": "eagle",
    "medusa": "eagle",
    "dflash": "dflash",
}


@dataclass(frozen=True, slots=True)
class HeadFigures:
    """A head whose file was read.

    Attributes
    ----------
    kind, method
        What it is, and the method whose costs it has.
    step_bytes
        That a drafted token reads; for a block drafter those of its one pass.
    stored_bytes
        That it takes beside the target.
    cached_elements
        Keys and values that a token leaves in its caches.
    """

    name: str
    kind: HeadKind
    method: HeadMethod
    step_bytes: float
    stored_bytes: float
    cached_elements: int

    def cache_bytes(self, context: int) -> float:
        """Bytes of keys and values of so many tokens."""
        return self.cached_elements * context * CACHE_BITS / 8


def figures_of_head(name: str, head: DraftHead, quantisation: str) -> HeadFigures:
    """The figures of a head whose weights are kept in a format."""
    bytes_each = weight_bits(quantisation) / 8
    return HeadFigures(
        name,
        head.kind,
        _METHODS[head.kind],
        head.step_parameters * bytes_each,
        head.stored_parameters * bytes_each,
        head.cached_elements,
    )
