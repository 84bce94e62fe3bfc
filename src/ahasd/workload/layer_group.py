"""Layers of a model that differ from its others."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

#: How a layer knows places: queries and keys are rotated, or scores are lowered by distance; or it does not, since
#: the embedding says or nothing does.
Positions = Literal["rotary", "bias", "none"]


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
