"""Mixtures of experts in which some layers attend to a part of the text only."""

from ahasd.errors import AhasdError
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.layer_group import LayerGroup
from ahasd.workload.readers.families.common import Values, biases, common, grouped
from ahasd.workload.readers.families.experts import (
    behind_dense,
    chosen_experts,
    experts,
    mixture,
    number_of_experts,
)
from ahasd.workload.readers.families.layers import grouped_layers, kinds_of_layers
from ahasd.workload.readers.families.mixtures import shared_experts
from ahasd.workload.readers.fields import ConfigReader

#: Names of layers that attend to all text and to a part of it.
FULL, WINDOWED, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"


def gpt_oss(reader: ConfigReader) -> Values:
    """gpt-oss: biases everywhere, a sink for each head, and a window in every other layer."""
    values = grouped(reader) | biases(reader.flag("attention_bias", True), True)
    values |= {"head_dim": reader.integer("head_dim"), "attention_sinks": True}
    width = values["feed_forward_size"]
    found = experts(
        reader,
        values,
        width,
        number_of_experts(reader),
        chosen_experts(reader),
        bias=True,
        router_bias=True,
    )
    return mixture(values, found, windows=_windows(reader, values["layers"], every=2))


def exaone_moe(reader: ConfigReader) -> Values:
    """K-EXAONE: a dense layer, then experts with shared ones; three windowed layers, then one without."""
    values = grouped(reader) | {"query_key_norm": True}
    every = reader.count("sliding_window_pattern", 4)
    windows = _windows(reader, values["layers"], every)
    return mixture(
        values,
        shared_experts(reader, values, "num_shared_experts"),
        behind_dense(reader, values["layers"], 1),
        windows,
    )


def afmoe(reader: ConfigReader) -> Values:
    """Trinity (AFMoE): norms on both sides of blocks, gated attention, a correction of the scores as a parameter."""
    if reader.flag("attention_bias", False):
        raise AhasdError(f"{reader.origin}: attention_bias true is not supported for afmoe")
    values = common(reader) | {"query_key_norm": True, "attention_gate": True, "norm_placement": "both"}
    values |= {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
    layers, dense = values["layers"], reader.count("num_dense_layers")
    windows = _windows(reader, layers, reader.integer("global_attn_every_n_layers", 4))
    found = shared_experts(reader, values, "num_shared_experts", score_correction=True)
    return mixture(values, found, [layer >= dense for layer in range(layers)], windows)


def llama4(reader: ConfigReader) -> Values:
    """Llama 4: experts in some layers or all, and chunks of the text that do not attend to each other in most."""
    values = grouped(reader) | biases(reader.flag("attention_bias", False))
    norm = HeadNorm(gains="none") if reader.flag("use_qk_norm", True) else None
    values |= {"head_dim": reader.integer("head_dim"), "query_key_norm": norm}
    layers, width = values["layers"], values["feed_forward_size"]
    found = experts(
        reader, values, width, number_of_experts(reader), chosen_experts(reader), width, scores="sigmoid"
    )
    step, said = reader.integer("interleave_moe_layer_step", 1), reader.integers("moe_layers")
    sparse = set(range(step - 1, layers, step) if said is None else said)
    chunk = reader.optional_integer("attention_chunk_size")
    groups = grouped_layers(
        LayerGroup(
            name=("chunked_" if chunked and chunk else "")
            + ("expert_layer" if layer in sparse else "dense_layer"),
            layers=1,
            chunk=chunk if chunked else None,
            positions="rotary" if chunked else "none",
            experts=found if layer in sparse else None,
        )
        for layer, chunked in enumerate(_chunked(reader, layers))
    )
    wide = {"feed_forward_size": reader.integer("intermediate_size_mlp")}
    return values | wide | {"layer_groups": groups}


def _windows(reader: ConfigReader, layers: int, every: int) -> list[int | None]:
    """The window of each layer, or None: as `layer_types` says, else all but every so many have one."""
    window = reader.optional_integer("sliding_window")
    kinds = kinds_of_layers(reader, layers, {FULL, WINDOWED})
    if kinds is None:
        kinds = tuple(WINDOWED if every and (layer + 1) % every else FULL for layer in range(layers))
    return [window if kind == WINDOWED else None for kind in kinds]


def _chunked(reader: ConfigReader, layers: int) -> list[bool]:
    """Which layers attend to their chunk only; they are those with rotary positions."""
    kinds = kinds_of_layers(reader, layers, {FULL, CHUNKED})
    if kinds is not None:
        return [kind == CHUNKED for kind in kinds]
    # The field marks, in spite of its name, the layers with rotary positions by 1.
    marked = reader.integers("no_rope_layers")
    if marked:
        return [bool(mark) for mark in marked]
    every = reader.integer("no_rope_layer_interval", 4)
    return [(layer + 1) % every != 0 for layer in range(layers)]
