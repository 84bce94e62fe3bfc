"""The text model of a model of several parts, whose file holds it as `text_config`."""

from collections.abc import Mapping
from typing import Any

from ahasd.errors import AhasdError

#: Models of several parts whose text part is a decoder of a family that is read, with logits of its own, and the
#: family that it is where the file does not say.
SEVERAL_PARTS: dict[str, str] = {
    "audioflamingo3": "qwen2",
    "aya_vision": "cohere2",
    "cohere2_vision": "cohere2",
    "exaone4_5": "exaone4",
    "fast_vlm": "qwen2",
    "fuyu": "persimmon",
    "gemma3": "gemma3_text",
    "gemma3n": "gemma3n_text",
    "gemma4": "gemma4_text",
    "gemma4_unified": "gemma4_unified_text",
    "glm4v": "glm4",
    "got_ocr2": "qwen2",
    "granite_speech": "granite",
    "hyperclovax_vision_v2": "hyperclovax",
    "idefics2": "mistral",
    "idefics3": "llama",
    "internvl": "qwen2",
    "janus": "llama",
    "lighton_ocr": "qwen3",
    "llama4": "llama4_text",
    "llava": "llama",
    "llava_next": "llama",
    "llava_next_video": "llama",
    "llava_onevision": "qwen2",
    "mistral3": "mistral",
    "ovis2": "qwen2",
    "paligemma": "gemma",
    "perception_lm": "llama",
    "qwen2_audio": "qwen2",
    "qwen2_5_vl": "qwen2",
    "qwen2_vl": "qwen2",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen3_vl": "qwen3",
    "qwen3_vl_moe": "qwen3_moe",
    "shieldgemma2": "gemma3_text",
    "smolvlm": "llama",
    "video_llama_3": "qwen2",
    "video_llava": "llama",
    "vipllava": "llama",
    "voxtral": "llama",
}
#: Text parts that have a name of their own and the shapes of another family.
_SHAPED_AS = {
    "glm4v_text": "glm4",
    "qwen2_5_vl_text": "qwen2",
    "qwen2_vl_text": "qwen2",
    "qwen3_vl_moe_text": "qwen3_moe",
    "qwen3_vl_text": "qwen3",
}
#: What published text parts leave out, since it is what their class has by default in transformers.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "gemma": {"head_dim": 256, "hidden_act": "gelu_pytorch_tanh", "max_position_embeddings": 8192},
    "gemma2": {
        "head_dim": 256,
        "hidden_activation": "gelu_pytorch_tanh",
        "max_position_embeddings": 8192,
        "sliding_window": 4096,
    },
    "gemma3_text": {
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "hidden_activation": "gelu_pytorch_tanh",
        "max_position_embeddings": 131072,
        "sliding_window": 4096,
        "vocab_size": 262208,
    },
    "llama": {
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "hidden_act": "silu",
        "max_position_embeddings": 2048,
        "vocab_size": 32000,
    },
    "mistral": {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "hidden_act": "silu",
        "max_position_embeddings": 131072,
        "vocab_size": 32000,
    },
    "qwen2": {"hidden_act": "silu", "max_position_embeddings": 32768},
}
#: Models whose earlier files state the text model's fields beside those of the other parts.
_FLAT = {"fuyu", "qwen2_5_vl", "qwen2_vl"}
#: What the text part takes from the whole where it does not say.
_INHERITED = ("tie_word_embeddings", "tokenizer_family", "draft_head", "_name_or_path")
#: What belongs to the other parts, or to the whole.
_OTHERS = ("vision_config", "audio_config", "architectures", "auto_map")


def text_part(contents: Mapping[str, Any], origin: str) -> Mapping[str, Any] | None:
    """Return the fields of the text model of a file of several parts; None if the file is of another kind.

    Raises
    ------
    AhasdError
        The text part is not what it should be.
    """
    family = contents.get("model_type")
    if not isinstance(family, str) or family not in SEVERAL_PARTS:
        return None
    part = contents.get("text_config")
    if part is None and family in _FLAT:
        part = {field: value for field, value in contents.items() if field not in (*_OTHERS, "model_type")}
    if not isinstance(part, Mapping):
        raise AhasdError(f"{origin}: field 'text_config' of a '{family}' must hold the text model's fields")
    own = part.get("model_type") or SEVERAL_PARTS[family]
    own = _SHAPED_AS.get(str(own), own)
    above = _DEFAULTS.get(str(own), {}) | {field: contents.get(field) for field in _INHERITED}
    absent = {field: value for field, value in above.items() if value is not None and part.get(field) is None}
    return {**part, **absent, "model_type": own}
