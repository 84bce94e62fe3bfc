"""A decoder: embedding, layers against a key-value cache, head."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.workload.blocks.block_layer import BlockLayer
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.element_type import ElementType
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.layered_graph import LayeredGraph, Section
from ahasd.workload.precision import Precision
from ahasd.workload.value import Value

#: Name of the sections of layers, and of the value that goes from one to the next.
LAYER, STREAM = "layer", "stream"


class Stack(NamedTuple):
    """Equal layers of a decoder.

    Attributes
    ----------
    layer, layers
        So many times that layer.
    name
        Of the section that they are in a graph; stacks of one decoder have different names.
    """

    layer: TransformerLayer[TokenMixer] | BlockLayer
    layers: int
    name: str = LAYER

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes that its layers keep of a text of `entries` tokens."""
        if isinstance(self.layer, BlockLayer):
            return 0
        return self.layers * self.layer.mixer.kept_bytes(entries, precision)


@dataclass(frozen=True, slots=True)
class Decoder:
    """A model that reads and writes tokens.

    Where layers of several kinds alternate, all of a kind are one stack: costs are the same in any order.

    Parameters
    ----------
    embedding, stacks, head
        What tokens pass in order.
    """

    embedding: Embedding
    stacks: tuple[Stack, ...]
    head: Head

    @property
    def layers(self) -> int:
        """Layers of all stacks."""
        return sum(stack.layers for stack in self.stacks)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes that all layers keep of a text of `entries` tokens."""
        return sum(stack.kept_bytes(entries, precision) for stack in self.stacks)

    def forward_pass(
        self, tokens: int, context: int, precision: Precision, logits: int | None = None, encoded: int = 0
    ) -> LayeredGraph:
        """Graph of a pass.

        Parameters
        ----------
        tokens
            New tokens, at least 1.
        context
            Entries already in the cache, at least 0.
        precision
            Widths of weights, cache and activations.
        logits
            Rows for which the head is computed, the last ones; None is all, 0 leaves the head out.
        encoded
            Entries that cross-attention attends to: at least 1 where there is any, else 0.

        Raises
        ------
        AhasdError
            A count is out of its range.
        """
        wanted = tokens if logits is None else logits
        if tokens < 1 or context < 0 or not 0 <= wanted <= tokens:
            raise AhasdError(
                f"a pass needs tokens >= 1, context >= 0 and 0 <= logits <= tokens, "
                f"not tokens {tokens}, context {context}, logits {wanted}"
            )
        crossing = any(
            isinstance(stack.layer, TransformerLayer) and stack.layer.cross_attention is not None
            for stack in self.stacks
        )
        if (encoded > 0) != crossing or encoded < 0:
            kind = "with" if crossing else "without"
            raise AhasdError(f"{encoded} encoded entries do not suit a decoder {kind} cross-attention")
        fixed = _fixed_parts(self, tokens, wanted, encoded, precision)
        stacks = zip(self.stacks, fixed.stacks, strict=True)
        layers = (_section(stack, parts, context, precision) for stack, parts in stacks)
        return LayeredGraph((fixed.embedding, *layers, *fixed.head))


class _FixedLayer(NamedTuple):
    """All of a layer that is the same at every context, and what its mixer takes in; without one all is opening."""

    opening: Graph
    closing: Graph | None
    exit: str
    projected: tuple[Value, ...] = ()


class _FixedParts(NamedTuple):
    """All of a pass that is the same at every context."""

    embedding: Section
    stacks: tuple[_FixedLayer, ...]
    head: tuple[Section, ...]


@lru_cache(maxsize=256)
def _fixed_parts(
    decoder: Decoder, tokens: int, logits: int, encoded: int, precision: Precision
) -> _FixedParts:
    before = GraphBuilder(precision)
    embedded = decoder.embedding.build(before, before.input("tokens", (tokens,), ElementType.INT32))
    embedding = Section((before.graph(embedded, *decoder.embedding.sides),), "tokens", embedded)
    shape = (tokens, decoder.embedding.stream_width)
    stacks = tuple(_fixed_layer(stack.layer, shape, encoded, precision) for stack in decoder.stacks)

    after = GraphBuilder(precision)
    head: tuple[Section, ...] = ()
    if logits:
        probabilities = decoder.head.build(after, after.input(STREAM, (logits, shape[1])))
        head = (Section((after.graph(probabilities),), STREAM, probabilities),)
    return _FixedParts(embedding, stacks, head)


def _fixed_layer(
    layer: TransformerLayer[TokenMixer] | BlockLayer,
    shape: tuple[int, int],
    encoded: int,
    precision: Precision,
) -> _FixedLayer:
    begin = GraphBuilder(precision)
    if isinstance(layer, BlockLayer):
        made_alone = layer.build(begin, begin.input(STREAM, shape))
        return _FixedLayer(begin.graph(made_alone), None, made_alone)
    made = layer.begin(begin, begin.input(STREAM, shape))
    opening = begin.graph(*made.projected, *made.kept)

    finish = GraphBuilder(precision)
    finish.input(STREAM, shape)
    mixed = finish.input(*layer.mixer.mixed_shape(shape[0]))
    for name in made.kept:
        finish.receive(opening.values[name])
    leaving = layer.finish(finish, made, mixed, encoded)
    closing = finish.graph(leaving)
    return _FixedLayer(opening, closing, leaving, tuple(opening.values[name] for name in made.projected))


def _section(stack: Stack, parts: _FixedLayer, context: int, precision: Precision) -> Section:
    if isinstance(stack.layer, BlockLayer) or parts.closing is None:
        return Section((parts.opening,), STREAM, parts.exit, stack.name, stack.layers)
    graph = GraphBuilder(precision)
    taken = tuple(graph.receive(value) for value in parts.projected)
    mixed = stack.layer.mixer.mix(graph, taken, context)
    mixing = graph.graph(*mixed.kept, mixed.result)
    graphs, sides = (parts.opening, mixing, parts.closing), stack.layer.sides
    return Section(graphs, STREAM, parts.exit, stack.name, stack.layers, sides)
