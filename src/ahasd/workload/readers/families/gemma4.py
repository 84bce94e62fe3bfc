"""Gemma 4 and its unified models, dense."""

from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.readers.families.common import Values
from ahasd.workload.readers.families.gemma import caps, gemma
from ahasd.workload.readers.families.layer_kinds import FULL, NAMES, by_layer, every, stated_or
from ahasd.workload.readers.fields import ConfigReader


def gemma4(reader: ConfigReader) -> Values:
    """Gemma 4: norms of values too, larger heads in the layers without a window, and an embedding for each layer.

    Raises
    ------
    AhasdError
        It is a mixture of experts.
    """
    if reader.flag("enable_moe_block", False):
        raise AhasdError(f"{reader.origin}: 'enable_moe_block' makes it a mixture of experts: not supported")
    width = reader.count("hidden_size_per_layer_input", 256)
    rows = reader.integer("vocab_size_per_layer_input", 262144) if width else 0
    return gemma4_unified(reader) | {"per_layer_rows": rows, "per_layer_width": width}


def gemma4_unified(reader: ConfigReader) -> Values:
    """Gemma 4 without an embedding for each layer."""
    values = gemma(reader) | caps(reader, False)
    values |= {"norm_placement": "both", "query_key_norm": HeadNorm(values=True)}
    layers = values["layers"]
    # The code makes the last layer one without a window, whatever the file says.
    kinds = [*stated_or(reader, every(layers, 6))[:-1], FULL]
    sharing_from = layers - reader.count("num_kv_shared_layers", 0)
    same = reader.flag("attention_k_eq_v", False)
    each = []
    for index, (kind, own) in enumerate(zip(kinds, _own_sizes(reader, kinds, same), strict=True)):
        layer: Values = {"name": NAMES[kind]} | own
        if kind != FULL:
            layer["sliding_window"] = reader.integer("sliding_window", 512)
        if index >= sharing_from:
            layer |= {"name": f"sharing_{NAMES[kind]}", "shares_cache": True}
            if reader.flag("use_double_wide_mlp", False):
                layer["feed_forward_size"] = 2 * values["feed_forward_size"]
        elif same and kind == FULL:
            layer["value_projection"] = False
        each.append(layer)
    return by_layer(values, each)


def _own_sizes(reader: ConfigReader, kinds: list[str], same: bool) -> list[Values]:
    """Head sizes of each layer: of all without a window alike, or by `per_layer_config`, layers by their numbers."""
    stated = reader.contents.get("per_layer_config")
    if stated is None:
        full: Values = {"head_dim": reader.integer("global_head_dim", 512)}
        heads = reader.optional_integer("num_global_key_value_heads")
        if same and heads is not None:
            full["key_value_heads"] = heads
        return [full if kind == FULL else {} for kind in kinds]
    names = {"head_dim": "head_dim", "num_key_value_heads": "key_value_heads"}
    try:
        by_number: dict[int, Any] = {int(number): dict(own) for number, own in stated.items()}
        each = [by_number.get(index, {}) for index in range(len(kinds))]
        return [{names[field]: size for field, size in own.items()} for own in each]
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise AhasdError(
            f"{reader.origin}: field 'per_layer_config' must hold {' and '.join(names)} by the number of the layer, "
            f"not {stated!r}"
        ) from error
