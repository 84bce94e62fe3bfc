"""What makes no sense in the shapes of a model."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ahasd.workload.layer_group import LayerGroup

if TYPE_CHECKING:
    from ahasd.workload.model_spec import ModelSpec


def faults_of(spec: "ModelSpec") -> Iterator[str]:
    """Say what contradicts itself, one after the other."""
    positions = spec.learned_positions
    if 0 < positions < (spec.maximum_positions or 0):
        yield f"learned_positions ({positions}) must cover maximum_positions ({spec.maximum_positions})"
    if positions and (spec.positions != "rotary" or spec.fixed_positions):
        yield "learned_positions are all positions that a model has; leave positions and fixed_positions out"
    if spec.normalization == "rms" and spec.normalization_bias:
        yield "an RMS norm has no bias; set normalization_bias to false"
    if spec.parallel_layers and spec.norm_placement != "before":
        yield "parallel layers have their norms before them, not behind"
    if spec.parallel_norm_apart and not spec.parallel_layers:
        yield "parallel_norm_apart is for parallel_layers"
    yield from _of_groups(spec)
    yield from _of_layer_embeddings(spec)


def _of_groups(spec: "ModelSpec") -> Iterator[str]:
    groups = spec.groups
    for group in groups:
        if group.mixer is None and group.parts != "feed_forward":
            yield from _of_attention(spec, group)
        if group.experts is None and group.parts != "mixer":
            yield from _below_one(feed_forward_size=group.feed_forward_size or spec.feed_forward_size)
    grouped = sum(group.layers for group in groups)
    if grouped != spec.layers:
        yield f"layer_groups hold {grouped} layers, and there are {spec.layers}"
    if len({group.name for group in groups}) < len(groups):
        yield "two of layer_groups have the same name"
    if all(group.shares_cache for group in groups):
        yield "layers that share a cache need others that keep one"


def _of_attention(spec: "ModelSpec", group: LayerGroup) -> Iterator[str]:
    heads, shared = group.heads or spec.heads, group.key_value_heads or spec.key_value_heads
    head_dim = group.head_dim or spec.head_dim
    yield from _below_one(heads=heads, key_value_heads=shared, head_dim=head_dim)
    if heads % shared:
        yield f"heads ({heads}) must be a multiple of key_value_heads ({shared})"
    if spec.positions_of(group) == "rotary" and head_dim % 2:
        yield f"rotary positions need an even head_dim, not {head_dim}"


def _below_one(**sizes: int) -> Iterator[str]:
    for field, size in sizes.items():
        if size < 1:
            yield f"{field} must be at least 1, not {size}"


def _of_layer_embeddings(spec: "ModelSpec") -> Iterator[str]:
    if bool(spec.per_layer_rows) != bool(spec.per_layer_width):
        yield "per_layer_rows and per_layer_width go together"
    if (spec.streams > 1) != (spec.augmented_residual_rank > 0):
        yield "several streams and augmented_residual_rank go together"
    plain = spec.parallel_layers or spec.norm_placement == "behind"
    if spec.streams > 1 and (plain or not spec.per_layer_width):
        yield "several streams need per_layer_width, and norms before blocks that are not parallel"
