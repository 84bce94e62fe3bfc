"""Families with gated delta nets, short convolutions or linear recurrent units in most layers."""

from ahasd.errors import AhasdError
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.blocks.linear_recurrent_unit import LinearRecurrentUnit
from ahasd.workload.blocks.short_convolution import ShortConvolution
from ahasd.workload.readers.families.common import Values, biases, common, grouped
from ahasd.workload.readers.families.experts import (
    behind_dense,
    chosen_experts,
    experts,
    now_and_then,
    number_of_experts,
)
from ahasd.workload.readers.families.hybrids import FULL, LINEAR, SPELLINGS, in_turn
from ahasd.workload.readers.families.latent import latent_attention, sizes
from ahasd.workload.readers.families.layers import kinds_of_layers
from ahasd.workload.readers.families.mixtures import shared_experts
from ahasd.workload.readers.fields import ConfigReader

#: Every so many layers of Qwen's hybrids and OLMo's attend to all text.
_INTERVAL = 4


def qwen3_next(reader: ConfigReader) -> Values:
    """Qwen3-Next: gated delta nets and gated attention, experts with a shared part that has a weight of its own."""
    values = _qwen(reader)
    return _with_delta_nets(reader, values, now_and_then(reader, values["layers"]))


def qwen3_5(reader: ConfigReader) -> Values:
    """Qwen3.5, dense."""
    values = _qwen(reader)
    return in_turn(values, _stateful(reader, values["layers"]), _delta_net(reader, values), "linear")


def qwen3_5_moe(reader: ConfigReader) -> Values:
    """Qwen3.5 with experts in every layer."""
    values = _qwen(reader.with_defaults(intermediate_size=reader.integer("moe_intermediate_size")))
    return _with_delta_nets(reader, values, [True] * values["layers"])


def olmo_hybrid(reader: ConfigReader) -> Values:
    """OLMo Hybrid: norms stand behind the blocks of attention layers and before those of the others."""
    heads = reader.integer("num_attention_heads")
    defaults = {f"linear_num_{of}_heads": heads for of in ("key", "value")}
    key_dim = int(0.75 * reader.integer("hidden_size") / reader.integer("linear_num_key_heads", heads))
    key_dim = reader.integer("linear_key_head_dim", key_dim)
    full = reader.with_defaults(
        **defaults,
        linear_key_head_dim=key_dim,
        linear_value_head_dim=2 * key_dim,
        linear_conv_kernel_dim=4,
        num_key_value_heads=heads,
    )
    values = grouped(full) | biases(reader.flag("attention_bias", False))
    values |= {"query_key_norm": HeadNorm(gains="heads")}
    found = in_turn(values, _stateful(reader, values["layers"]), _delta_net(full, values), "linear")
    groups = (
        group.model_copy(update={"norm_placement": "behind"}) if group.mixer is None else group
        for group in found["layer_groups"]
    )
    return found | {"layer_groups": tuple(groups)}


def kimi_linear(reader: ConfigReader) -> Values:
    """Kimi Linear: delta nets whose channels decay apart, latent attention, a dense layer and then experts."""
    values = sizes(reader.with_defaults(max_position_embeddings=reader.contents.get("model_max_length")))
    inside = ConfigReader(reader.contents.get("linear_attn_config") or {}, reader.origin)
    heads = inside.integer("num_heads", reader.optional_integer("linear_num_heads"))
    width = inside.integer("head_dim", reader.optional_integer("linear_head_dim"))
    kernel = inside.integer("short_conv_kernel_size", reader.optional_integer("linear_conv_kernel_dim"))
    mixer = GatedDeltaNet(values["hidden_size"], heads, heads, width, width, kernel, gate_rank=width)
    kinds, layers = kinds_of_layers(reader, values["layers"], {FULL, LINEAR}), values["layers"]
    if kinds is None:
        # Layers are numbered from 1 there.
        numbered = inside.integers("kda_layers")
        if numbered is None:
            raise AhasdError(
                f"{reader.origin}: neither layer_types nor linear_attn_config says which layers keep a state"
            )
        stateful = [layer + 1 in numbered for layer in range(layers)]
    else:
        stateful = [kind == LINEAR for kind in kinds]
    attention = latent_attention(reader, values["hidden_size"], values["heads"])
    found = shared_experts(reader, values, "num_shared_experts", "n_shared_experts")
    return in_turn(values, stateful, mixer, "linear", attention, found, behind_dense(reader, layers, 1))


def lfm2(reader: ConfigReader) -> Values:
    """LFM2, dense: short convolutions, and attention whose queries and keys are normalised head by head."""
    values = _lfm2(reader) | {"feed_forward_size": _lfm2_width(reader)}
    return in_turn(
        values, _convolutions(reader, values["layers"]), _convolution(reader, values), "convolution"
    )


def lfm2_moe(reader: ConfigReader) -> Values:
    """LFM2 with experts behind the first layers."""
    values = _lfm2(reader)
    layers, width = values["layers"], reader.integer("moe_intermediate_size")
    found = experts(
        reader, values, width, number_of_experts(reader), chosen_experts(reader), scores="sigmoid"
    )
    sparse = [layer >= reader.count("num_dense_layers") for layer in range(layers)]
    mixer, stateful = _convolution(reader, values), _convolutions(reader, layers)
    return in_turn(values, stateful, mixer, "convolution", experts=found, sparse=sparse)


def recurrent_gemma(reader: ConfigReader) -> Values:
    """RecurrentGemma: linear recurrent units, and windowed attention in every third layer."""
    heads, hidden = reader.integer("num_attention_heads"), reader.integer("hidden_size")
    full = reader.with_defaults(
        max_position_embeddings=1, tie_word_embeddings=True, num_key_value_heads=heads
    )
    # Each branch of the feed-forward part has half the width that the file says of both.
    half = reader.share("intermediate_size", reader.integer("intermediate_size"), "its branches", 2)
    values = common(full, "hidden_activation") | biases(
        reader.flag("attention_bias", False), True, output=True
    )
    values |= {"key_value_heads": full.integer("num_key_value_heads"), "feed_forward_size": half}
    values |= {"maximum_positions": reader.optional_integer("max_position_embeddings")}
    layers, kinds = values["layers"], reader.texts("block_types") or ("recurrent", "recurrent", "attention")
    stateful = [SPELLINGS[kinds[layer % len(kinds)]] == LINEAR for layer in range(layers)]
    width = reader.integer("lru_width", hidden)
    mixer = LinearRecurrentUnit(hidden, width, heads, reader.integer("conv1d_width", 4))
    return in_turn(values, stateful, mixer, "recurrent", window=reader.integer("attention_window_size"))


def _qwen(reader: ConfigReader) -> Values:
    values = grouped(reader) | biases(reader.flag("attention_bias", False))
    gated = {"head_dim": reader.integer("head_dim"), "query_key_norm": True, "attention_gate": True}
    return values | gated


def _with_delta_nets(reader: ConfigReader, values: Values, sparse: list[bool]) -> Values:
    found = experts(
        reader,
        values,
        reader.integer("moe_intermediate_size"),
        number_of_experts(reader),
        chosen_experts(reader),
        reader.integer("shared_expert_intermediate_size"),
        shared_weighted=True,
    )
    mixer, stateful = _delta_net(reader, values), _stateful(reader, values["layers"])
    return in_turn(values, stateful, mixer, "linear", experts=found, sparse=sparse)


def _delta_net(reader: ConfigReader, values: Values) -> GatedDeltaNet:
    return GatedDeltaNet(
        values["hidden_size"],
        reader.integer("linear_num_key_heads"),
        reader.integer("linear_num_value_heads"),
        reader.integer("linear_key_head_dim"),
        reader.integer("linear_value_head_dim"),
        reader.integer("linear_conv_kernel_dim"),
    )


def _stateful(reader: ConfigReader, layers: int) -> list[bool]:
    """Which layers keep a state: as `layer_types` says, else all but every so many."""
    kinds = kinds_of_layers(reader, layers, {FULL, LINEAR})
    if kinds is not None:
        return [kind == LINEAR for kind in kinds]
    every = reader.integer("full_attention_interval", _INTERVAL)
    return [(layer + 1) % every != 0 for layer in range(layers)]


def _lfm2(reader: ConfigReader) -> Values:
    plain = reader.with_defaults(hidden_act="silu", tie_word_embeddings=reader.flag("tie_embedding", True))
    return grouped(plain) | {"query_key_norm": True}


def _lfm2_width(reader: ConfigReader) -> int:
    """Width of the feed-forward part, which the family's code makes of what the file says."""
    width = reader.integer("block_ff_dim", reader.optional_integer("intermediate_size"))
    if not reader.flag("block_auto_adjust_ff_dim", True):
        return width
    width = int(2 * width / 3)
    factor, multiple = (
        reader.optional_number("block_ffn_dim_multiplier"),
        reader.integer("block_multiple_of", 256),
    )
    return width if factor is None else -(-int(factor * width) // multiple) * multiple


def _convolution(reader: ConfigReader, values: Values) -> ShortConvolution:
    return ShortConvolution(
        values["hidden_size"], reader.integer("conv_L_cache"), reader.flag("conv_bias", False)
    )


def _convolutions(reader: ConfigReader, layers: int) -> list[bool]:
    kinds = kinds_of_layers(reader, layers, {FULL, LINEAR, "conv"})
    if kinds is not None:
        return [kind != FULL for kind in kinds]
    full = set(reader.integers("full_attn_idxs") or range(layers))
    return [layer not in full for layer in range(layers)]
