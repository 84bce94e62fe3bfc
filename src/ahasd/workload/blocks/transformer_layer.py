"""A layer of a transformer, of a decoder or an encoder."""

from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from ahasd.errors import AhasdError
from ahasd.workload.blocks.alternating_updates import AlternatingUpdates, Predicted
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.attention_span import full_span
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.blocks.per_layer_embedding import PER_LAYER, PerLayerInput
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.graph_builder import GraphBuilder

#: Kind of mixer of a layer.
Mixer = TypeVar("Mixer", bound=TokenMixer, covariant=True)

#: Where norms stand: what a block reads is normalised, or what it makes, or both.
NormPlacement = Literal["before", "behind", "both"]


class Block(Protocol):
    """Whatever makes of a value another of the same shape: a feed-forward part, a mixture of experts."""

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes, and return the name of the value that they make."""


class Opening(NamedTuple):
    """Names of the values that a layer makes before its tokens are mixed.

    Attributes
    ----------
    normed
        What the mixer reads.
    projected
        What the mixing takes.
    entered
        What the residual branches are added to: what enters, or the guess of it.
    kept
        Those of what was made here that the rest of the layer reads again.
    """

    normed: str
    projected: tuple[str, ...]
    entered: str
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransformerLayer(Generic[Mixer]):
    """Norm, mixer of tokens, residual; norm, feed-forward, residual.

    It is built in three parts, since only the middle one depends on how much there is to attend to: `begin`, then
    what its mixer does, then `finish`.

    Parameters
    ----------
    mixer
        What lets its tokens see each other: attention, mostly.
    feed_forward
        The other part; None in layers that only mix (Mamba).
    norm
        Of each of both.
    parallel
        Whether both read what enters the layer and are added together (PaLM, arXiv 2204.02311 §2).
    cross_attention
        To what an encoder made, between both, with a norm of its own.
    norm_placement
        Where the norms stand: before each of both, behind each (OLMo 2), or on both sides (Gemma 2).
    norm_apart
        Whether the feed-forward part of a parallel layer reads a norm of its own (GPT-NeoX).
    per_layer_input
        What ends the layer, if it reads an embedding of its own (Gemma 3n).
    alternating
        How it works on one of several streams, if there are several (Gemma 3n).
    """

    mixer: Mixer
    feed_forward: Block | None
    norm: Norm
    parallel: bool = False
    cross_attention: Attention | None = None
    norm_placement: NormPlacement = "before"
    norm_apart: bool = False
    per_layer_input: PerLayerInput | None = None
    alternating: AlternatingUpdates | None = None

    def __post_init__(self) -> None:
        if self.alternating is not None and (self.per_layer_input is None or self.parallel):
            raise AhasdError(
                "several streams need an embedding for each layer, and blocks one after the other"
            )

    @property
    def reads_norm_again(self) -> bool:
        """Whether the feed-forward part reads the norm that the mixer reads."""
        return self.parallel and not self.norm_apart

    @property
    def sides(self) -> tuple[str, ...]:
        """Names of the values that it reads of what stands before all layers."""
        return () if self.per_layer_input is None else (PER_LAYER,)

    def begin(self, graph: GraphBuilder, x: str) -> Opening:
        """Add the norm and what is done with each token before they are mixed."""
        if self.alternating is not None:
            predicted = self.alternating.predict(graph, x)
            normed = self.norm.build(graph, predicted.active, "attention_norm")
            projected = self.mixer.project(graph, normed)
            return Opening(normed, projected, predicted.active, (normed, *predicted))
        if self.norm_placement == "behind":
            return Opening(x, self.mixer.project(graph, x), x)
        normed = self.norm.build(graph, x, "norm" if self.reads_norm_again else "attention_norm")
        kept = (normed,) if self.reads_norm_again else ()
        return Opening(normed, self.mixer.project(graph, normed), x, kept)

    def finish(self, graph: GraphBuilder, opening: Opening, mixed: str, encoded: int = 0) -> str:
        """Add everything after the mixing.

        Parameters
        ----------
        opening, mixed
            What was made before the mixing, and what the mixer made.
        encoded
            Entries that cross-attention attends to.
        """
        entered, mixed = opening.entered, self.mixer.output(graph, mixed)
        x = add(graph, "attention_residual", entered, self._behind(graph, mixed, "attention"))
        if self.alternating is not None:
            augmented = self.alternating.residual(graph, opening.normed)
            x = add(graph, "augmented_residual", x, augmented)
        if self.cross_attention is not None:
            x = add(graph, "cross_attention_residual", x, self._cross(graph, x, encoded))
        if self.feed_forward is None:
            return x
        normed = opening.normed
        if not self.reads_norm_again:
            normed = entered if self.parallel else x
            if self.norm_placement != "behind":
                normed = self.norm.build(graph, normed, "feed_forward_norm")
        made = self._behind(graph, self.feed_forward.build(graph, normed), "feed_forward")
        return self._end(graph, opening, add(graph, "feed_forward_residual", x, made))

    def _end(self, graph: GraphBuilder, opening: Opening, x: str) -> str:
        """Add what the layer's own embedding gives, and the correction of all streams."""
        own, alternating = self.per_layer_input, self.alternating
        if own is None:
            return x
        if alternating is None:
            return own.build(graph, x)
        corrected = alternating.correct(graph, Predicted(*opening.kept[1:]), x)
        return alternating.join(
            graph, corrected, own.made(graph, alternating.scaled(graph, corrected.active))
        )

    def _behind(self, graph: GraphBuilder, made: str, block: str) -> str:
        if self.norm_placement == "before":
            return made
        return self.norm.build(graph, made, f"{block}_norm_behind")

    def _cross(self, graph: GraphBuilder, x: str, encoded: int) -> str:
        """Add attention to keys and values that were made of the encoder's output once and lie in a cache."""
        attention = self.cross_attention
        assert attention is not None
        queries = attention.queries(graph, self.norm.build(graph, x, "cross_attention_norm"))
        span = full_span(graph.shape(queries)[0], encoded)
        attended = attention.attend(graph, queries, attention.cache(graph, encoded), span, cached=True)
        return attention.output(graph, attended)
