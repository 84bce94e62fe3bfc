"""Layers of a model that differ from its others."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.indexed_attention import IndexedAttention
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.blocks.linear_recurrent_unit import LinearRecurrentUnit
from ahasd.workload.blocks.mamba import Mamba, Mamba2
from ahasd.workload.blocks.parallel_mixers import ParallelMixers
from ahasd.workload.blocks.short_convolution import ShortConvolution
from ahasd.workload.blocks.transformer_layer import NormPlacement

#: How a layer knows places: queries and keys are rotated, or scores are lowered by distance; or it does not, since
#: the embedding says or nothing does.
Positions = Literal["rotary", "bias", "none"]


#: Mixers that a group of layers can have in place of the model's attention.
GroupMixer = (
    Attention
    | LatentAttention
    | IndexedAttention
    | GatedDeltaNet
    | Mamba
    | Mamba2
    | ShortConvolution
    | LinearRecurrentUnit
    | ParallelMixers
)


class LayerGroup(BaseModel):
    """Layers of a model that differ from others of it; a size that is not said here is the model's.

    Parameters
    ----------
    name
        What tells them from the other groups; the first word of their operators' names.
    layers
        How many there are, wherever they stand.
    sliding_window
        Entries that a token attends to, itself included; None is all.
    heads, key_value_heads, head_dim, feed_forward_size, positions
        As in the model, where these layers' are others.
    value_projection
        Whether values have a matrix of their own; else they are the keys before norm and rotation (Gemma 4).
    shares_cache
        Whether keys and values are those of another layer, which keeps them (Gemma 3n).
    chunk
        Length of the parts of the text that do not attend to each other (Llama 4); None is one part.
    mixer
        What mixes their tokens in place of the attention that the fields describe.
    experts
        Their mixture of experts in place of the feed-forward part that the fields describe.
    parts
        Which of mixer and feed-forward part they have.
    norm_placement
        Where their norms stand, if not where the model's do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    layers: PositiveInt
    sliding_window: PositiveInt | None = None
    heads: PositiveInt | None = None
    key_value_heads: PositiveInt | None = None
    head_dim: PositiveInt | None = None
    feed_forward_size: PositiveInt | None = None
    positions: Positions | None = None
    value_projection: bool = True
    shares_cache: bool = False
    chunk: PositiveInt | None = None
    mixer: GroupMixer | None = None
    experts: Experts | None = None
    parts: Literal["both", "mixer", "feed_forward"] = "both"
    norm_placement: NormPlacement | None = None
