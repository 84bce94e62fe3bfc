"""How large a mixture of experts is, from its `config.json`: no graph of it, only what it stores and reads.

Counted are the matrices of attention, experts, router, embedding and output layer; norms, biases and small tables are
not (less than 0.1 % together).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.readers.fields import ConfigReader

#: `model_type` -> the field that counts experts. Which fields say the rest is the same for all.
MIXTURES: dict[str, str] = {
    "deepseek_v2": "n_routed_experts",
    "deepseek_v3": "n_routed_experts",
    "glm4_moe": "n_routed_experts",
    "glm4_moe_lite": "n_routed_experts",
    "gpt_oss": "num_local_experts",
    "mixtral": "num_local_experts",
    "olmoe": "num_experts",
    "qwen2_moe": "num_experts",
    "qwen3_moe": "num_experts",
    "qwen3_next": "num_experts",
}

#: Families whose checkpoints hold a layer that predicts further tokens although the file has no field for it.
_PREDICTING = ("qwen3_next",)


@dataclass(frozen=True, slots=True)
class MixtureSizes:
    """Counts in elements.

    Attributes
    ----------
    parameters
        Of the model; layers that predict further tokens are not among them.
    read_parameters
        That a token reads: of the embedding table it takes a row, which is not counted.
    output_parameters
        Of the output layer.
    cached_elements
        Keys and values, or what stands for them, that a token leaves in all layers together.
    predicting_layers
        Layers that predict further tokens (MTP).
    recurrent
        Whether some layers keep a state instead of keys and values.
    """

    parameters: int
    read_parameters: int
    layers: int
    width: int
    output_parameters: int
    cached_elements: int
    predicting_layers: int
    recurrent: bool


def mixture_sizes(contents: Mapping[str, Any], origin: str) -> MixtureSizes:
    """Add up a `config.json` of one of `MIXTURES`.

    Raises
    ------
    AhasdError
        The family is none of these, or a field is missing or of a wrong type.
    """
    reader = ConfigReader(contents, origin)
    family = reader.text("model_type")
    if family not in MIXTURES:
        raise AhasdError(
            f"{origin}: model_type '{family}' is no mixture that is known here; "
            f"known are {', '.join(sorted(MIXTURES))}"
        )
    layers, hidden = reader.integer("num_hidden_layers"), reader.integer("hidden_size")
    dense = min(reader.optional_integer("first_k_dense_replace") or 0, layers)
    stored, read = _experts(reader, family, hidden)
    plain = 3 * hidden * reader.integer("intermediate_size") if dense else 0
    attention, cached = _attention(reader, hidden)
    recurrent = family == "qwen3_next"
    every = reader.integer("full_attention_interval", 4) if recurrent else 1
    full = layers // every
    mixing = full * attention + (layers - full) * (_linear_attention(reader, hidden) if recurrent else 0)
    table = reader.integer("vocab_size") * hidden
    tied = reader.flag("tie_word_embeddings", False)
    shared = mixing + dense * plain + table
    predicting = reader.optional_integer("num_nextn_predict_layers") or int(family in _PREDICTING)
    return MixtureSizes(
        parameters=shared + (layers - dense) * stored + (0 if tied else table),
        read_parameters=shared + (layers - dense) * read,
        layers=layers,
        width=hidden,
        output_parameters=table,
        cached_elements=full * cached,
        predicting_layers=predicting,
        recurrent=recurrent,
    )


def _experts(reader: ConfigReader, family: str, hidden: int) -> tuple[int, int]:
    """Parameters of a layer's experts, and of those that a token takes; router and shared experts are in both."""
    count = reader.integer(MIXTURES[family])
    chosen = reader.integer("num_experts_per_tok", reader.optional_integer("experts_per_token"))
    width = reader.integer("moe_intermediate_size", reader.optional_integer("intermediate_size"))
    one = 3 * hidden * width
    always = hidden * count + one * (reader.optional_integer("n_shared_experts") or 0)
    always += 3 * hidden * (reader.optional_integer("shared_expert_intermediate_size") or 0)
    return always + count * one, always + chosen * one


def _attention(reader: ConfigReader, hidden: int) -> tuple[int, int]:
    """Parameters of a layer's attention, and elements that a token leaves in its cache."""
    heads = reader.integer("num_attention_heads")
    latent = reader.optional_integer("kv_lora_rank")
    if latent is None:
        size = reader.integer("head_dim", hidden // heads)
        kept = reader.integer("num_key_value_heads", heads) * size
        gate = reader.text("model_type") == "qwen3_next"  # queries come with a gate of their width
        return hidden * ((3 if gate else 2) * heads * size + 2 * kept), 2 * kept
    plain, rotary = reader.integer("qk_nope_head_dim"), reader.integer("qk_rope_head_dim")
    value, rank = reader.integer("v_head_dim"), reader.optional_integer("q_lora_rank")
    queries = heads * (plain + rotary)
    queries = rank * (hidden + queries) if rank else hidden * queries
    keys = hidden * (latent + rotary) + latent * heads * (plain + value)
    return queries + keys + heads * value * hidden, latent + rotary


def _linear_attention(reader: ConfigReader, hidden: int) -> int:
    """Parameters of a gated delta net: queries, keys, values and gate, two numbers a head, and the way out."""
    keys = reader.integer("linear_num_key_heads") * reader.integer("linear_key_head_dim")
    heads = reader.integer("linear_num_value_heads")
    values = heads * reader.integer("linear_value_head_dim")
    return hidden * (2 * keys + 2 * values + 2 * heads + values)
