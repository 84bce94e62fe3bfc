"""ModelSpec from a `config.json` of the Hugging Face hub.

Only shapes are read. Where a family's code fixes something that the file does not say (Qwen2's query, key and
value biases, say), it is stated here; where `transformers` has a default that the family's published files
rely on (an absent `num_key_value_heads` of LLaMA 1 means one per head), it is applied; a size is never
guessed.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import parse_json, read_text
from ahasd.workload.model_spec import ModelSpec, build_spec
from ahasd.workload.readers.fields import ConfigReader
from ahasd.workload.readers.tokenizers import tokenizer_family

Values = dict[str, Any]


def spec_from_config(config: str | Path | Mapping[str, Any], name: str | None = None) -> ModelSpec:
    """Read a `config.json`.

    Parameters
    ----------
    config
        The file, its folder, or its contents.
    name
        Name for the model; by default the folder's name (the file's, if it is not called `config.json`), or
        the family for contents without a file.

    Raises
    ------
    AhasdError
        The file cannot be read, its `model_type` is not supported, or a field is missing, of a wrong type or
        makes no sense; the message names file and field.
    """
    if isinstance(config, Mapping):
        origin, contents, default_name = "config.json", config, ""
    else:
        path = Path(config) / "config.json" if os.path.isdir(config) else Path(config)
        default_name = path.absolute().parent.name if path.name == "config.json" else path.stem
        origin, contents = str(path), _load(path)
    reader = ConfigReader(contents, origin)
    family = reader.text("model_type")
    if family not in FAMILIES:
        raise AhasdError(
            f"{origin}: model_type '{family}' is not supported; supported are {', '.join(sorted(FAMILIES))}"
        )
    values = FAMILIES[family](reader)
    values["family"] = family
    values["name"] = name or default_name or family
    values["source"] = f"config.json of {values['name']}"  # no path: results must not depend on folders
    values["tokenizer"] = reader.text("tokenizer_family", tokenizer_family(family, values["vocabulary_size"]))
    return build_spec(values, origin)


def _load(path: Path) -> Mapping[str, Any]:
    contents = parse_json(read_text(path, "model configuration"), str(path))
    if not isinstance(contents, dict):
        raise AhasdError(f"{path} is not a model configuration: it holds no JSON object")
    return contents


def _opt(reader: ConfigReader) -> Values:
    if not reader.flag("layer_norm_elementwise_affine", True):
        raise AhasdError(f"{reader.origin}: layer_norm_elementwise_affine false is not supported")
    hidden, heads = reader.integer("hidden_size"), reader.integer("num_attention_heads")
    positions = reader.integer("max_position_embeddings")
    embedding = reader.integer("word_embed_proj_dim", hidden)
    bias = reader.flag("enable_bias", True)
    norm_first = reader.flag("do_layer_norm_before", True)
    return {
        "layers": reader.integer("num_hidden_layers"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": reader.share("hidden_size", hidden, "num_attention_heads", heads),
        "feed_forward_size": reader.integer("ffn_dim"),
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "maximum_positions": positions,
        "learned_positions": positions + 2,  # OPTLearnedPositionalEmbedding: positions start at row 2
        "embedding_size": None if embedding == hidden else embedding,
        "normalization": "layer",
        "normalization_bias": True,
        "final_norm": norm_first and not reader.flag("_remove_final_layer_norm", False),
        "query_key_value_bias": bias,
        "attention_output_bias": bias,
        "feed_forward_bias": bias,
        "activation": reader.activation("activation_function"),
    }


def _gpt2(reader: ConfigReader) -> Values:
    hidden, heads = reader.integer("n_embd"), reader.integer("n_head")
    positions = reader.integer("n_positions")
    return {
        "layers": reader.integer("n_layer"),
        "hidden_size": hidden,
        "heads": heads,
        "key_value_heads": heads,
        "head_dim": reader.share("n_embd", hidden, "n_head", heads),
        "feed_forward_size": reader.integer("n_inner", 4 * hidden),
        "gated_feed_forward": False,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "maximum_positions": positions,
        "learned_positions": positions,
        "normalization": "layer",
        "normalization_bias": True,
        "query_key_value_bias": True,
        "attention_output_bias": True,
        "feed_forward_bias": True,
        "activation": reader.activation("activation_function"),
    }


def _rotary(reader: ConfigReader) -> Values:
    """Sizes that all rotary families spell alike, and their common choices: gated SiLU, RMS norm, no bias."""
    hidden, heads = reader.integer("hidden_size"), reader.integer("num_attention_heads")
    head_dim = reader.optional_integer("head_dim")
    if head_dim is None:
        head_dim = reader.share("hidden_size", hidden, "num_attention_heads", heads)
    return {
        "layers": reader.integer("num_hidden_layers"),
        "hidden_size": hidden,
        "heads": heads,
        "head_dim": head_dim,
        "feed_forward_size": reader.integer("intermediate_size"),
        "gated_feed_forward": True,
        "vocabulary_size": reader.integer("vocab_size"),
        "tied_embeddings": reader.flag("tie_word_embeddings", False),
        "maximum_positions": reader.integer("max_position_embeddings"),
        "normalization": "rms",
        "activation": reader.activation("hidden_act"),
    }


def _llama(reader: ConfigReader) -> Values:
    values = _rotary(reader)
    attention_bias = reader.flag("attention_bias", False)
    return values | {
        "key_value_heads": reader.integer("num_key_value_heads", values["heads"]),
        "query_key_value_bias": attention_bias,
        "attention_output_bias": attention_bias,
        "feed_forward_bias": reader.flag("mlp_bias", False),
    }


def _mistral(reader: ConfigReader) -> Values:
    return _rotary(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads"),
        "sliding_window": reader.optional_integer("sliding_window"),
    }


def _qwen2(reader: ConfigReader) -> Values:
    _refuse_mixed_windows(reader)
    return _rotary(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads"),
        "query_key_value_bias": True,  # fixed in the family's code
    }


def _qwen3(reader: ConfigReader) -> Values:
    _refuse_mixed_windows(reader)
    attention_bias = reader.flag("attention_bias", False)
    return _rotary(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads"),
        "head_dim": reader.integer("head_dim"),
        "query_key_norm": True,  # fixed in the family's code
        "query_key_value_bias": attention_bias,
        "attention_output_bias": attention_bias,
    }


def _refuse_mixed_windows(reader: ConfigReader) -> None:
    if reader.flag("use_sliding_window", False):
        raise AhasdError(
            f"{reader.origin}: use_sliding_window gives some layers a window and others none, which is not "
            "supported; set it to false to cost full attention"
        )


def _palm(reader: ConfigReader) -> Values:
    """Spell PaLM-like models as LLaMA does; "palm" is our own model_type, the hub has none."""
    return _rotary(reader) | {
        "key_value_heads": reader.integer("num_key_value_heads", 1),
        "gated_feed_forward": reader.flag("gated_feed_forward", True),
        "tied_embeddings": reader.flag("tie_word_embeddings", True),
        "normalization": "layer",
        "parallel_layers": True,
    }


#: Reader of each `model_type`.
FAMILIES: dict[str, Callable[[ConfigReader], Values]] = {
    "gpt2": _gpt2,
    "llama": _llama,
    "mistral": _mistral,
    "opt": _opt,
    "palm": _palm,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
}
