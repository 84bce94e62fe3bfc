"""From names to attention: a model, its head pattern, pages, a mapping."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.sparse_attention.balance.mappings import build_mapping
from ahasd.sparse_attention.heads.pattern import HeadPattern, read_pattern
from ahasd.sparse_attention.heads.shipped import pattern_names, shipped_pattern
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.step.attention_step import Attention
from ahasd.sparse_attention.step.model_shape import ModelShape
from ahasd.sparse_attention.step.page_choice import PageChoice, UniformChoice
from ahasd.sparse_attention.system import SparseAttentionSystem

#: The name that means no pattern: the same share of heads in every layer.
EVEN = "even"


@dataclass(frozen=True, eq=False, slots=True)
class Heads:
    """Which heads need the context: a pattern, or none, and the share that streams."""

    pattern: HeadPattern | None
    streaming: float

    @property
    def source(self) -> str:
        """Where it comes from, in words."""
        return (
            "the same share in every layer (no pattern of this model)"
            if self.pattern is None
            else self.pattern.source
        )


def find_heads(named: str | None, model: str, layers: int, heads: int, streaming: float) -> Heads:
    """Look a head pattern up for a model: a name, a file, or the model's own; ``even`` is none.

    Raises
    ------
    AhasdError
        There is none, or it is another model's.
    """
    name = named if named is not None else model if model in pattern_names() else EVEN
    if name.lower() == EVEN:
        return Heads(None, streaming)
    is_file = "/" in name or name.endswith((".tsv", ".txt"))
    pattern = read_pattern(name) if is_file else shipped_pattern(name)
    pattern.check_fits(model, layers, heads)
    return Heads(pattern, streaming)


def split_heads(system: SparseAttentionSystem, heads: Heads, shape: ModelShape) -> HeadSplit:
    """Give every head its class.

    Raises
    ------
    AhasdError
        The model has fewer layers than the system makes dense.
    """
    if not system.streaming:
        split = HeadSplit.alike(shape.layers, shape.heads, system.others)
    elif heads.pattern is None:
        split = HeadSplit.even(shape.layers, shape.heads, heads.streaming, system.others)
    else:
        split = HeadSplit.by_need(heads.pattern, heads.streaming, system.others)
    return split.with_dense_layers(system.dense_layers)


def build_attention(
    system: SparseAttentionSystem,
    shape: ModelShape,
    heads: Heads,
    paging: Paging,
    seed: int,
    choice: PageChoice | None = None,
) -> Attention:
    """Put attention together; without a choice, pages are drawn.

    Raises
    ------
    AhasdError
        Something does not go together.
    """
    return Attention(
        shape,
        split_heads(system, heads, shape),
        paging,
        system.sharing,
        build_mapping(system.mapping, system.tile),
        choice or UniformChoice(paging, system.sharing, shape.group, seed),
    )


def check_context(maximum: int | None, model: str, context: int) -> None:
    """See that the model was made for so many tokens.

    Raises
    ------
    AhasdError
        It was not.
    """
    if maximum is not None and context > maximum:
        raise AhasdError(
            f"{model} was made for {maximum} tokens, and the context would be {context}: take a shorter "
            f"one, or a model "
            "for longer texts (llama-3-8b-gradient-1048k)"
        )
