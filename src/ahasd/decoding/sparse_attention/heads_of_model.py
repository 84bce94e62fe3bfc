"""From what a user says of heads to the split of a real model."""

from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.errors import AhasdError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.step.build import find_heads


def split_of_model(
    weights: LlamaWeights, heads: str | None, streaming: float, dense_layers: int
) -> HeadSplit:
    """Let a share of the heads stream, those that need the context least, and the others choose pages.

    Parameters
    ----------
    heads
        A name or a table, as `find_heads` takes it; None or ``even`` for the same share in every layer.
    dense_layers
        First layers whose heads all read everything.

    Raises
    ------
    AhasdError
        There is no such pattern, it is another model's, or a number is out of range.
    """
    layers, each = len(weights.layers), weights.key_value_heads
    if not 0 <= streaming <= 1:
        raise AhasdError(f"--streaming is {streaming:g}; must be between 0 and 1")
    found = find_heads(heads, weights.name, layers, each, streaming)
    if found.pattern is None:
        split = HeadSplit.even(layers, each, streaming, HeadClass.PAGED)
    else:
        split = HeadSplit.by_need(found.pattern, streaming, HeadClass.PAGED)
    return split.with_dense_layers(dense_layers)
