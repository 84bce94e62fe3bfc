"""Families with Mamba or Mamba 2 in all layers or most."""

from math import ceil
from typing import Literal

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.mamba import Mamba, Mamba2
from ahasd.workload.blocks.parallel_mixers import ParallelMixers
from ahasd.workload.layer_group import LayerGroup
from ahasd.workload.readers.families.common import Values, biases, common, grouped
from ahasd.workload.readers.families.experts import chosen_experts, experts, number_of_experts
from ahasd.workload.readers.families.hybrids import LINEAR, SPELLINGS, in_turn, only
from ahasd.workload.readers.families.layers import grouped_layers, kinds_of_layers
from ahasd.workload.readers.fields import ConfigReader

#: Letters of Nemotron-H's pattern, and what `transformers` names them.
_PATTERN = {"M": LINEAR, "*": "full_attention", "-": "mlp", "E": "moe"}
#: Kinds of layers of Granite 4 and Jamba, in both spellings.
_KINDS = {"mamba", "attention", "linear_attention", "full_attention"}


def mamba(reader: ConfigReader) -> Values:
    """Mamba."""
    values = _pure(reader, tied=True)
    return only(values, _mamba(reader, values["hidden_size"], "none"))


def falcon_mamba(reader: ConfigReader) -> Values:
    """Falcon Mamba: Mamba with norms inside that have no gains."""
    values = _pure(reader, tied=True)
    return only(values, _mamba(reader, values["hidden_size"], "plain"))


def mamba2(reader: ConfigReader) -> Values:
    """Mamba 2, Codestral Mamba."""
    values, bias = _pure(reader, tied=False), reader.flag("use_bias", False)
    mixer = Mamba2(
        values["hidden_size"],
        reader.integer("num_heads"),
        reader.integer("head_dim"),
        reader.integer("state_size"),
        reader.integer("n_groups"),
        reader.integer("conv_kernel"),
        bias,
        bias,
        reader.flag("use_conv_bias", True),
    )
    return only(values, mixer)


def jamba(reader: ConfigReader) -> Values:
    """Jamba: Mamba with normed inner channels, attention every so many layers, experts every so many."""
    values = grouped(reader.with_defaults(tie_word_embeddings=False)) | {"positions": "none"}
    layers = values["layers"]
    period, offset = reader.integer("attn_layer_period"), reader.count("attn_layer_offset")
    stateful = [layer % period != offset for layer in range(layers)]
    named = {
        "state_size": "mamba_d_state",
        "conv_kernel": "mamba_d_conv",
        "time_step_rank": "mamba_dt_rank",
        "expand": "mamba_expand",
        "use_conv_bias": "mamba_conv_bias",
        "use_bias": "mamba_proj_bias",
    }
    renamed = {name: reader.contents.get(field) for name, field in named.items()}
    mixer = _mamba(ConfigReader(renamed, reader.origin), values["hidden_size"], "gains")
    if number_of_experts(reader) == 1:
        return in_turn(values, stateful, mixer, "mamba")
    width = values["feed_forward_size"]
    found = experts(reader, values, width, number_of_experts(reader), chosen_experts(reader))
    period, offset = reader.integer("expert_layer_period"), reader.count("expert_layer_offset")
    sparse = [layer % period == offset for layer in range(layers)]
    return in_turn(values, stateful, mixer, "mamba", experts=found, sparse=sparse)


def bamba(reader: ConfigReader) -> Values:
    """Bamba: Mamba 2, and attention in layers that are named."""
    values = grouped(reader)
    values |= biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    attention = set(reader.integers("attn_layer_indices") or ())
    stateful = [layer not in attention for layer in range(values["layers"])]
    return in_turn(values, stateful, _mamba2(reader, values["hidden_size"]), "mamba")


def granite_hybrid(reader: ConfigReader) -> Values:
    """Granite 4: Mamba 2 or attention, and a shared part beside experts, or (there are none) alone."""
    values = common(reader.with_defaults(intermediate_size=reader.integer("shared_intermediate_size")))
    values |= {"key_value_heads": reader.integer("num_key_value_heads", values["heads"])}
    shared = reader.integer("shared_intermediate_size")
    count, width = reader.count("num_local_experts", 0), values["feed_forward_size"]
    values |= biases(reader.flag("attention_bias", False)) | {"feed_forward_size": shared}
    found = None
    if count:
        found = experts(reader, values, width, count, chosen_experts(reader), shared)
    kinds = kinds_of_layers(reader, values["layers"], _KINDS) or (LINEAR,) * values["layers"]
    stateful = [SPELLINGS.get(kind, kind) == LINEAR for kind in kinds]
    return in_turn(values, stateful, _mamba2(reader, values["hidden_size"]), "mamba", experts=found)


def falcon_h1(reader: ConfigReader) -> Values:
    """Falcon-H1: attention and Mamba 2 side by side in every layer."""
    values = grouped(reader)
    values |= biases(reader.flag("attention_bias", False), reader.flag("mlp_bias", False))
    hidden, bias = values["hidden_size"], reader.flag("attention_bias", False)
    heads = reader.integer("mamba_n_heads")
    inside = reader.optional_integer("mamba_d_ssm") or reader.integer("mamba_expand") * hidden
    state_space = Mamba2(
        hidden,
        heads,
        reader.share("mamba_d_ssm", inside, "mamba_n_heads", heads),
        reader.integer("mamba_d_state"),
        reader.integer("mamba_n_groups"),
        reader.integer("mamba_d_conv"),
        reader.flag("mamba_proj_bias", False),
        reader.flag("projectors_bias", False),
        reader.flag("mamba_conv_bias", True),
        norm=reader.flag("mamba_rms_norm", False),
    )
    attention = Attention(
        hidden,
        values["heads"],
        values["key_value_heads"],
        values["head_dim"],
        query_bias=bias,
        key_bias=bias,
        value_bias=bias,
        output_bias=bias,
        rotary=True,
    )
    group = LayerGroup(name="layer", layers=values["layers"], mixer=ParallelMixers(attention, state_space))
    return values | {"layer_groups": (group,)}


def nemotron_h(reader: ConfigReader) -> Values:
    """Nemotron-H and Nemotron 3 Nano: each layer is Mamba 2, attention, a feed-forward part or experts."""
    pattern, layers = reader.text("hybrid_override_pattern", ""), None
    kinds = tuple(_PATTERN.get(letter, letter) for letter in pattern)
    kinds = kinds or reader.texts("layer_types") or reader.texts("layers_block_type") or ()
    kinds = tuple(SPELLINGS.get(kind, kind) for kind in kinds)
    unknown = sorted(set(kinds) - set(_PATTERN.values()))
    if not kinds or unknown:
        raise AhasdError(f"{reader.origin}: layers of Nemotron-H are M, *, - or E, not {unknown or 'unsaid'}")
    layers, hidden = len(kinds), reader.integer("hidden_size")
    values = grouped(reader.with_defaults(num_hidden_layers=layers, hidden_act=reader.text("mlp_hidden_act")))
    values |= {"layers": layers, "gated_feed_forward": False, "positions": "none"}
    # transformers' attention has no biases, whatever attention_bias says.
    values |= biases(False, reader.flag("mlp_bias", False))
    bias = reader.flag("use_bias", False)
    mixer = Mamba2(
        hidden,
        reader.integer("mamba_num_heads"),
        reader.integer("mamba_head_dim"),
        reader.integer("ssm_state_size"),
        reader.integer("n_groups"),
        reader.integer("conv_kernel"),
        bias,
        bias,
        reader.flag("use_conv_bias", True),
    )
    found = None
    if "moe" in kinds:
        found = experts(
            reader,
            values,
            reader.integer("moe_intermediate_size"),
            number_of_experts(reader),
            chosen_experts(reader),
            reader.integer("moe_shared_expert_intermediate_size"),
            reader.flag("mlp_bias", False),
            latent=reader.optional_integer("moe_latent_size"),
            scores="sigmoid",
        )
    groups = {
        LINEAR: LayerGroup(name="mamba_layer", layers=1, mixer=mixer, parts="mixer"),
        "full_attention": LayerGroup(name="attention_layer", layers=1, parts="mixer"),
        "mlp": LayerGroup(name="dense_layer", layers=1, parts="feed_forward"),
        "moe": LayerGroup(name="expert_layer", layers=1, parts="feed_forward", experts=found),
    }
    return values | {"layer_groups": grouped_layers(groups[kind] for kind in kinds)}


def _pure(reader: ConfigReader, tied: bool) -> Values:
    """Sizes of a model without attention."""
    return {
        "layers": reader.integer("num_hidden_layers"),
        "hidden_size": reader.integer("hidden_size"),
        "heads": 0,
        "key_value_heads": 0,
        "head_dim": 0,
        "feed_forward_size": 0,
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", tied),
        "maximum_positions": None,
        "positions": "none",
        "normalization": "rms",
        "activation": reader.activation("hidden_act"),
    }


def _mamba(reader: ConfigReader, hidden: int, norms: Literal["none", "plain", "gains"]) -> Mamba:
    rank = reader.contents.get("time_step_rank", "auto")
    return Mamba(
        hidden,
        int(reader.optional_number("expand") or 2) * hidden,
        reader.integer("state_size"),
        ceil(hidden / 16) if rank in ("auto", None) else reader.integer("time_step_rank"),
        reader.integer("conv_kernel"),
        reader.flag("use_bias", False),
        reader.flag("use_conv_bias", True),
        norms,
    )


def _mamba2(reader: ConfigReader, hidden: int) -> Mamba2:
    """Mamba 2 as Bamba's and Granite 4's files spell it."""
    heads, bias = reader.integer("mamba_n_heads"), reader.flag("mamba_proj_bias", False)
    return Mamba2(
        hidden,
        heads,
        reader.share(
            "mamba_expand * hidden_size", reader.integer("mamba_expand") * hidden, "mamba_n_heads", heads
        ),
        reader.integer("mamba_d_state"),
        reader.integer("mamba_n_groups"),
        reader.integer("mamba_d_conv"),
        bias,
        bias,
        reader.flag("mamba_conv_bias", True),
    )
