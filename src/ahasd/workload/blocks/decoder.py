"""A decoder: embedding, layers against a key-value cache, head."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention, KeysValues, causal_span
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.element_type import ElementType
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.layered_graph import LayeredGraph, Section
from ahasd.workload.precision import Precision
from ahasd.workload.value import Value

#: Name of the sections of layers, and of the value that goes from one to the next.
LAYER, STREAM = "layer", "stream"


@dataclass(frozen=True, slots=True)
class Decoder:
    """A model that reads and writes tokens.

    Parameters
    ----------
    embedding, layer, layers, head
        What tokens pass in order: `layers` times `layer`.
    """

    embedding: Embedding
    layer: TransformerLayer
    layers: int
    head: Head

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
        if (encoded > 0) != (self.layer.cross_attention is not None) or encoded < 0:
            raise AhasdError(f"{encoded} encoded entries do not suit a decoder {_crossing(self.layer)}")
        fixed = _fixed_parts(self, tokens, wanted, encoded, precision)
        attending = _attending(self.layer.attention, fixed, tokens, context, precision)
        layers = Section((fixed.opening, attending, fixed.closing), STREAM, fixed.exit, LAYER, self.layers)
        return LayeredGraph((fixed.embedding, layers, *fixed.head))


def _crossing(layer: TransformerLayer) -> str:
    return "without cross-attention" if layer.cross_attention is None else "with cross-attention"


class _FixedParts(NamedTuple):
    """All of a pass that is the same at every context, and what attention takes in."""

    embedding: Section
    opening: Graph
    closing: Graph
    exit: str
    head: tuple[Section, ...]
    queries: Value
    keys: Value
    values: Value


@lru_cache(maxsize=256)
def _fixed_parts(
    decoder: Decoder, tokens: int, logits: int, encoded: int, precision: Precision
) -> _FixedParts:
    before = GraphBuilder(precision)
    embedded = decoder.embedding.build(before, before.input("tokens", (tokens,), ElementType.INT32))
    embedding = Section((before.graph(embedded),), "tokens", embedded)

    layer, shape = decoder.layer, (tokens, decoder.embedding.hidden_size)
    begin = GraphBuilder(precision)
    made = layer.begin(begin, begin.input(STREAM, shape))
    needed_later = (made.normed,) if layer.parallel else ()
    opening = begin.graph(made.queries, made.new.keys, made.new.values, *needed_later)

    finish = GraphBuilder(precision)
    stream = finish.input(STREAM, shape)
    attended = finish.input(layer.attention.attended, (tokens, layer.attention.query_width))
    normed = finish.receive(opening.values[made.normed]) if layer.parallel else made.normed
    leaving = layer.finish(finish, stream, normed, attended, encoded)

    after = GraphBuilder(precision)
    head: tuple[Section, ...] = ()
    if logits:
        probabilities = decoder.head.build(after, after.input(STREAM, (logits, decoder.head.hidden_size)))
        head = (Section((after.graph(probabilities),), STREAM, probabilities),)
    taken = (opening.values[name] for name in (made.queries, made.new.keys, made.new.values))
    return _FixedParts(embedding, opening, finish.graph(leaving), leaving, head, *taken)


def _attending(
    attention: Attention, fixed: _FixedParts, tokens: int, context: int, precision: Precision
) -> Graph:
    graph = GraphBuilder(precision)
    queries, keys, values = (graph.receive(value) for value in (fixed.queries, fixed.keys, fixed.values))
    span = causal_span(tokens, context, attention.sliding_window)
    appended = attention.append(graph, KeysValues(keys, values), span.entries)
    attended = attention.attend(graph, queries, appended, span, cached=True)
    return graph.graph(appended.keys, appended.values, attended)
