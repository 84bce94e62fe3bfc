"""Gemma 3n."""

from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.families.gemma import caps, gemma
from ahasd.workload.readers.families.layer_kinds import FULL, NAMES, by_layer, every, stated_or
from ahasd.workload.readers.fields import ConfigReader


def gemma3n(reader: ConfigReader) -> Values:
    """Gemma 3n: several streams, an embedding for each layer, last layers that share the cache of earlier ones.

    That a layer lets only some of its gates act (`activation_sparsity_pattern`) saves nothing here: all are computed.
    """
    sizes = _inner_sizes(reader)
    first = ConfigReader({**reader.contents, "intermediate_size": sizes[0]}, reader.origin)
    values = (
        gemma(first)
        | caps(reader, True)
        | {
            "attention_soft_cap": False,
            "norm_placement": "both",
            "query_key_norm": HeadNorm(values=True),
            "per_layer_rows": reader.integer("vocab_size_per_layer_input", 262144),
            "per_layer_width": reader.integer("hidden_size_per_layer_input", 256),
            "streams": reader.integer("altup_num_inputs", 4),
            "augmented_residual_rank": reader.integer("laurel_rank", 64),
        }
    )
    layers = values["layers"]
    kinds, sharing_from = (
        stated_or(reader, every(layers, 5)),
        layers - reader.count("num_kv_shared_layers", 15),
    )
    each = []
    for index, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
        layer: Values = {"name": NAMES[kind], "feed_forward_size": size}
        if kind != FULL:
            layer["sliding_window"] = reader.integer("sliding_window", 512)
        if index >= sharing_from:
            layer |= {"name": f"sharing_{NAMES[kind]}", "shares_cache": True}
        each.append(layer)
    return by_layer(values, each)


def _inner_sizes(reader: ConfigReader) -> list[Any]:
    """Sizes of the feed-forward part of each layer, of which the file says one for all, or each."""
    stated, layers = reader.contents.get("intermediate_size"), reader.integer("num_hidden_layers")
    if not isinstance(stated, list):
        return [reader.integer("intermediate_size")] * layers
    if len(stated) != layers:
        raise AhasdError(
            f"{reader.origin}: field 'intermediate_size' is for {len(stated)} layers, and there are {layers}"
        )
    return stated
