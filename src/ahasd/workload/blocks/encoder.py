"""An encoder: convolutions that shorten what comes in, layers in which all attend to all, a norm."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.attention_span import full_span
from ahasd.workload.blocks.convolution import Convolution, activate
from ahasd.workload.blocks.feed_forward import Activation
from ahasd.workload.blocks.key_value_cache import KeysValues
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.element_type import ElementType
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.layered_graph import LayeredGraph, Section
from ahasd.workload.precision import Precision

#: Names of the sections of layers, and of the value that goes from one to the next.
LAYER, CROSS_LAYER, STREAM = "encoder_layer", "cross_layer", "stream"


@dataclass(frozen=True, slots=True)
class Encoder:
    """A model that reads all of its input at once (Whisper's: arXiv 2212.04356).

    Parameters
    ----------
    convolutions
        Before the layers, each followed by the activation function.
    activation
        Of the convolutions.
    positions
        Rows of the table of positions, which is added to what the convolutions leave.
    layer, layers, norm
        What follows: `layers` times `layer`, then the norm.
    """

    convolutions: tuple[Convolution, ...]
    activation: Activation
    positions: int
    layer: TransformerLayer[Attention]
    layers: int
    norm: Norm

    def forward_pass(
        self,
        frames: int,
        precision: Precision,
        cross_attention: Attention | None = None,
        decoder_layers: int = 0,
    ) -> LayeredGraph:
        """Graph of reading an input of so many frames.

        Parameters
        ----------
        frames
            Length of the input.
        precision
            Widths of weights, caches and activations.
        cross_attention, decoder_layers
            Of the decoder, whose keys and values are made here, once, and go to its caches.

        Raises
        ------
        AhasdError
            The input is too short for a convolution, or leaves more positions than the table has rows.
        """
        front = GraphBuilder(precision)
        x = front.input("frames", (frames, self.convolutions[0].inputs))
        for convolution in self.convolutions:
            x = activate(
                front, f"{convolution.name}.activation", convolution.build(front, x), self.activation
            )
        entries, width = front.shape(x)
        if entries > self.positions:
            raise AhasdError(
                f"{frames} frames make {entries} entries, and the encoder numbers {self.positions}"
            )
        table = front.matrix("encoder_position_embedding.table", (self.positions, width))
        numbers = front.input("positions", (entries,), ElementType.INT32)
        x = add(front, "encoder_position_add", x, front.look_up("encoder_position_embedding", numbers, table))

        end = GraphBuilder(precision)
        normed = self.norm.build(end, end.input(STREAM, (entries, width)), "encoder_norm")
        sections = [
            Section((front.graph(x),), "frames", x),
            self._layers(entries, width, precision),
            Section((end.graph(normed),), STREAM, normed),
        ]
        if cross_attention is not None:
            sections.extend(self.keys_values(entries, precision, cross_attention, decoder_layers).sections)
        return LayeredGraph(tuple(sections))

    def keys_values(
        self, entries: int, precision: Precision, cross_attention: Attention, decoder_layers: int
    ) -> LayeredGraph:
        """Graph of making a decoder's keys and values of what the encoder left, so many entries."""
        cross = GraphBuilder(precision)
        made = cross_attention.keys_values(cross, cross.input(STREAM, (entries, self.norm.width)))
        kept = cross_attention.append(cross, made, entries)
        graph = cross.graph(kept.keys, kept.values)
        return LayeredGraph((Section((graph,), STREAM, None, CROSS_LAYER, decoder_layers),))

    def _layers(self, entries: int, width: int, precision: Precision) -> Section:
        graph, layer = GraphBuilder(precision), self.layer
        stream = graph.input(STREAM, (entries, width))
        made = layer.begin(graph, stream)
        span = full_span(entries, entries)
        queries, keys, values = made.projected
        attended = layer.mixer.attend(graph, queries, KeysValues(keys, values), span, cached=False)
        leaving = layer.finish(graph, made, attended)
        return Section((graph.graph(leaving),), STREAM, leaving, LAYER, self.layers)
