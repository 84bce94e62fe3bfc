"""The architectures of llama.cpp, and the `config.json` of the same family that a header says in other words.

A row of the table names the family (`model_type` of `transformers`), what its keys are called there beyond those that
all spell alike, and what llama.cpp's code fixes or its tensors show. What that makes of a family is the family's own
reader's affair: a family without a reader is refused by it. Names of keys are those of llama.cpp's Python package
`gguf` (`Keys`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.workload.readers.gguf import mixtures, tensor_flags
from ahasd.workload.readers.gguf.fields import HeaderFields

#: Fields of nearly every family, by the key after the architecture's name.
_COMMON: dict[str, str] = {
    "block_count": "num_hidden_layers",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "context_length": "max_position_embeddings",
}
#: Those of GPT-2 and its kin.
_GPT2: dict[str, str] = {
    "block_count": "n_layer",
    "embedding_length": "n_embd",
    "feed_forward_length": "n_inner",
    "attention.head_count": "n_head",
    "context_length": "n_positions",
}
_WINDOW = {"attention.sliding_window": "sliding_window"}
_SILU: dict[str, Any] = {"hidden_act": "silu"}
_GELU: dict[str, Any] = {"hidden_act": "gelu_pytorch_tanh"}
_GEMMA: dict[str, Any] = {"hidden_activation": "gelu_pytorch_tanh"}

Derived = Callable[[HeaderFields], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a header of an architecture reads as a `config.json`.

    Parameters
    ----------
    model_type
        The family, or what tells it from the header.
    fixed
        Fields that are the same in every file.
    keys
        Names of keys beyond the common ones.
    derived
        What gives further fields, from several keys or from the tensors.
    common
        The common keys.
    """

    model_type: str | Callable[[HeaderFields], str]
    fixed: Mapping[str, Any]
    keys: Mapping[str, str] = field(default_factory=dict)
    derived: tuple[Derived, ...] = ()
    common: Mapping[str, str] = field(default_factory=lambda: _COMMON)


_BIASES = tensor_flags.biases("attention_bias", "mlp_bias")

#: By `general.architecture`.
ARCHITECTURES: dict[str, Architecture] = {
    "chatglm": Architecture("glm", _SILU, derived=(_BIASES,)),
    "cohere2": Architecture("cohere2", _SILU, _WINDOW, (_BIASES, tensor_flags.windows(4))),
    "command-r": Architecture("cohere", _SILU, derived=(_BIASES, tensor_flags.norms("use_qk_norm"))),
    "deepseek2": Architecture(mixtures.deepseek_family, _SILU, derived=(mixtures.deepseek,)),
    "ernie4_5": Architecture("ernie4_5", _SILU, derived=(tensor_flags.biases("use_bias"),)),
    "falcon": Architecture("falcon", {}, derived=(tensor_flags.falcon,)),
    "gemma": Architecture("gemma", _GEMMA),
    "gemma2": Architecture("gemma2", _GEMMA, _WINDOW, (tensor_flags.windows(2),)),
    "gemma3": Architecture("gemma3_text", _GEMMA, _WINDOW, (tensor_flags.windows(6),)),
    "glm4": Architecture("glm4", _SILU, derived=(_BIASES,)),
    "glm4moe": Architecture(
        "glm4_moe", _SILU, mixtures.DEEPSEEK_KEYS, (_BIASES, tensor_flags.norms("use_qk_norm"))
    ),
    "gpt-oss": Architecture("gpt_oss", _SILU, mixtures.LOCAL_KEYS, (_BIASES, mixtures.gpt_oss)),
    "gpt2": Architecture("gpt2", {"activation_function": "gelu_new"}, common=_GPT2),
    "gptneox": Architecture(
        "gpt_neox", {"hidden_act": "gelu"}, {"use_parallel_residual": "use_parallel_residual"}
    ),
    "granite": Architecture("granite", _SILU, derived=(_BIASES,)),
    "granitemoe": Architecture(
        "granitemoe", _SILU, mixtures.LOCAL_KEYS, (_BIASES, mixtures.experts_as_feed_forward)
    ),
    "llama": Architecture(mixtures.llama_family, _SILU, mixtures.LOCAL_KEYS, (_BIASES,)),
    "llama4": Architecture("llama4_text", _SILU, mixtures.LOCAL_KEYS, (_BIASES, mixtures.llama4)),
    "mistral3": Architecture("ministral3", _SILU, mixtures.LOCAL_KEYS, (_BIASES,)),
    "olmo2": Architecture("olmo2", _SILU),
    "olmoe": Architecture("olmoe", _SILU, mixtures.KEYS, (mixtures.experts_as_feed_forward,)),
    "phi2": Architecture("phi", {"hidden_act": "gelu_new"}),
    "phi3": Architecture("phi3", _SILU, _WINDOW),
    "phimoe": Architecture("phimoe", _SILU, mixtures.LOCAL_KEYS, (_BIASES, mixtures.experts_as_feed_forward)),
    "qwen2": Architecture("qwen2", _SILU),
    "qwen2moe": Architecture("qwen2_moe", _SILU, mixtures.KEYS, (mixtures.every_layer,)),
    "qwen3": Architecture("qwen3", _SILU, derived=(_BIASES,)),
    "qwen3moe": Architecture("qwen3_moe", _SILU, mixtures.KEYS, (_BIASES, mixtures.every_layer)),
    "seed_oss": Architecture(
        "seed_oss", _SILU, derived=(tensor_flags.biases("attention_bias", "mlp_bias", "attention_out_bias"),)
    ),
    "smollm3": Architecture("smollm3", _SILU, derived=(_BIASES,)),
    "stablelm": Architecture(
        "stablelm",
        _SILU,
        derived=(
            tensor_flags.biases("use_qkv_bias"),
            tensor_flags.parallel,
            tensor_flags.norms("qk_layernorm"),
        ),
    ),
    "starcoder": Architecture(
        "gpt_bigcode",
        {"activation_function": "gelu_pytorch_tanh"},
        derived=(tensor_flags.multi_query,),
        common=_GPT2,
    ),
    "starcoder2": Architecture("starcoder2", _GELU, _WINDOW, (tensor_flags.biases("use_bias"),)),
}


def as_config(header: HeaderFields) -> dict[str, Any]:
    """Say a header as the `config.json` of its family.

    Raises
    ------
    AhasdError
        The architecture is not known, or a key is of a wrong kind.
    """
    name = header.architecture
    if name == "clip":
        raise AhasdError(
            f"{header.path}: it is the projector of a model of pictures or sound (mmproj), not a language model; "
            "give the file of the language model"
        )
    if name not in ARCHITECTURES:
        error = UnknownNameError("architecture", name, ARCHITECTURES)
        raise AhasdError(f"{header.path}: {error}") from error
    row = ARCHITECTURES[name]
    contents: dict[str, Any] = dict(row.fixed)
    for key, spelled in {**row.common, **row.keys}.items():
        value = header.number(key)
        if value is not None:
            contents[spelled] = value
    for derive in row.derived:
        contents |= derive(header)
    layers = "n_layer" if row.common is _GPT2 else "num_hidden_layers"
    contents[layers] = header.layers
    contents["model_type"] = row.model_type if isinstance(row.model_type, str) else row.model_type(header)
    contents["vocab_size"] = header.vocabulary_size
    contents["tie_word_embeddings"] = not header.has("output.weight")
    return {spelled: value for spelled, value in contents.items() if value is not None}
