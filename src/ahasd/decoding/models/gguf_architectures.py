"""Which networks of ``.gguf`` files can be run, and what their entries and tensors are called in transformers.

A mapping of our own: that of transformers (5.23) wants ``accelerate``, drops tensors that it has no name for (such as
the rotary factors of Llama 3) and splits the text of some tokenizers otherwise than their models do. Here a tensor
that has no place is an error. Sources: ``convert_hf_to_gguf.py`` of llama.cpp, which writes these files, and the GGUF
specification (ggml-org/ggml, docs/gguf.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.errors import AhasdError

#: Tensors outside the layers.
WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}

#: Factors on the wave lengths of the rotary positions (Llama 3.1 and later); they are no weights of transformers.
ROTARY_FACTORS = "rope_freqs.weight"

_LLAMA = {
    "attn_norm.weight": "input_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
}
_BIASES = {f"attn_{part}.bias": f"self_attn.{part}_proj.bias" for part in "qkv"}
_HEAD_NORMS = {f"attn_{part}_norm.weight": f"self_attn.{part}_norm.weight" for part in "qk"}
_GEMMA = {name: ours for name, ours in _LLAMA.items() if name != "ffn_norm.weight"} | {
    "post_attention_norm.weight": "post_attention_layernorm.weight",
    "ffn_norm.weight": "pre_feedforward_layernorm.weight",
    "post_ffw_norm.weight": "post_feedforward_layernorm.weight",
}

#: Every how many layers Gemma 3 attends to the whole text, and the base of the positions in the others (Gemma 3
#: report, arXiv 2503.19786, section 2); the files do not say.
_GEMMA_PATTERN, _GEMMA_LOCAL_BASE = 6, 10_000.0


@dataclass(frozen=True, slots=True)
class GgufArchitecture:
    """A network that is known.

    Parameters
    ----------
    model_type
        What transformers calls it.
    layer
        Names of the tensors of a layer: of the file, of transformers.
    further
        Entries of its configuration beside those that all have.
    interleaved
        The rows of a query or key head come in pairs of what is rotated together; transformers has halves.
    norms_plus_one
        The file holds the norms' weights plus one.
    """

    model_type: str
    layer: dict[str, str]
    further: Callable[[GgufFile], dict[str, Any]] = lambda file: {}
    interleaved: bool = False
    norms_plus_one: bool = False


def _gemma3(file: GgufFile) -> dict[str, Any]:
    layers = int(file.value("gemma3.block_count"))
    base = float(file.value("gemma3.rope.freq_base", 1_000_000.0))
    return {
        "hidden_activation": "gelu_pytorch_tanh",
        "sliding_window": int(file.value("gemma3.attention.sliding_window")),
        "layer_types": [
            "full_attention" if (index + 1) % _GEMMA_PATTERN == 0 else "sliding_attention"
            for index in range(layers)
        ],
        "query_pre_attn_scalar": int(file.value("gemma3.attention.key_length")),
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": base},
            "sliding_attention": {"rope_type": "default", "rope_theta": _GEMMA_LOCAL_BASE},
        },
    }


ARCHITECTURES = {
    "llama": GgufArchitecture("llama", _LLAMA, interleaved=True),
    "qwen2": GgufArchitecture("qwen2", _LLAMA | _BIASES),
    "qwen3": GgufArchitecture("qwen3", _LLAMA | _HEAD_NORMS),
    "gemma3": GgufArchitecture("gemma3_text", _GEMMA | _HEAD_NORMS, _gemma3, norms_plus_one=True),
}


def architecture_of(file: GgufFile) -> GgufArchitecture:
    """Give the network of a file.

    Raises
    ------
    AhasdError
        It is none of those known.
    """
    found = ARCHITECTURES.get(file.architecture)
    if found is None:
        raise AhasdError(
            f"model {file.path}: its architecture is '{file.architecture}'; of .gguf files these are read: "
            f"{', '.join(ARCHITECTURES)}. For another, give the folder that the file was made from"
        )
    return found


def configuration(file: GgufFile, known: GgufArchitecture) -> dict[str, Any]:
    """Give the entries of a configuration of transformers.

    Raises
    ------
    AhasdError
        An entry is missing, or the positions are scaled in a way that is not read.
    """
    name = file.architecture
    scaling = file.value(f"{name}.rope.scaling.type", "none")
    factor = float(file.value(f"{name}.rope.scaling.factor", 1.0))
    if scaling not in ("none", "linear"):
        raise AhasdError(
            f"model {file.path}: its rotary positions are scaled by '{scaling}', which is not read from .gguf files; "
            "give the folder that the file was made from"
        )
    heads, width = (
        int(file.value(f"{name}.attention.head_count")),
        int(file.value(f"{name}.embedding_length")),
    )
    base = float(file.value(f"{name}.rope.freq_base", 10_000.0))
    rotary: dict[str, Any] = {"rope_type": "default", "rope_theta": base}
    if factor != 1.0:
        rotary |= {"rope_type": "linear", "factor": factor}
    tokens = {
        key: file.value(f"tokenizer.ggml.{entry}_token_id", None)
        for key, entry in (
            ("bos_token_id", "bos"),
            ("eos_token_id", "eos"),
            ("pad_token_id", "padding"),
        )
    }
    return {
        "model_type": known.model_type,
        "vocab_size": len(file.value("tokenizer.ggml.tokens")),
        "num_hidden_layers": int(file.value(f"{name}.block_count")),
        "max_position_embeddings": int(file.value(f"{name}.context_length")),
        "hidden_size": width,
        "intermediate_size": int(file.value(f"{name}.feed_forward_length")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(file.value(f"{name}.attention.head_count_kv", heads)),
        "head_dim": int(file.value(f"{name}.attention.key_length", width // heads)),
        "rms_norm_eps": float(file.value(f"{name}.attention.layer_norm_rms_epsilon")),
        "rope_parameters": rotary,
        "tie_word_embeddings": "output.weight" not in file.names,
        **tokens,
        **known.further(file),
    }


def names_of(file: GgufFile, known: GgufArchitecture, layers: int) -> dict[str, str]:
    """Give, for every tensor of the file that is a weight, its name in transformers.

    Raises
    ------
    AhasdError
        A tensor has no place.
    """
    names = WHOLE | {
        f"blk.{index}.{name}": f"model.layers.{index}.{ours}"
        for index in range(layers)
        for name, ours in known.layer.items()
    }
    strange = [name for name in file.names if name not in names and name != ROTARY_FACTORS]
    if strange:
        raise AhasdError(
            f"model {file.path}: holds {len(strange)} tensors that have no place in a '{file.architecture}' model of "
            f"{layers} layers, such as {strange[0]}; it would be run without them. Give the folder that the file was "
            "made from"
        )
    return {name: names[name] for name in file.names if name != ROTARY_FACTORS}
