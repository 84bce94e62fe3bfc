"""Weights beside a configuration are those of the model that it describes, or the model is refused."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.hugging_face import spec_from_config

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 88,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
}
#: Tensors of that model.
LAYER = {
    "model.layers.0.self_attn.q_proj.weight": [32, 32],
    "model.layers.0.self_attn.k_proj.weight": [32, 32],
    "model.layers.0.self_attn.v_proj.weight": [32, 32],
    "model.layers.0.self_attn.o_proj.weight": [32, 32],
    "model.layers.0.mlp.gate_proj.weight": [88, 32],
    "model.layers.0.mlp.up_proj.weight": [88, 32],
    "model.layers.0.mlp.down_proj.weight": [32, 88],
    "model.layers.0.input_layernorm.weight": [32],
    "model.layers.0.post_attention_layernorm.weight": [32],
}
WHOLE = {"model.embed_tokens.weight": [96, 32], **LAYER, "model.norm.weight": [32]}


def write(path: Path, tensors: dict[str, list[int]], kind: str = "BF16") -> None:
    """The head of a safetensors file; its numbers are not read."""
    head = json.dumps(
        {"__metadata__": {"format": "pt"}}
        | {name: {"dtype": kind, "shape": shape, "data_offsets": [0, 0]} for name, shape in tensors.items()}
    ).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head)


def model(folder: Path, tensors: dict[str, list[int]], kind: str = "BF16", **changes: Any) -> Path:
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    write(folder / "model.safetensors", tensors, kind)
    return folder


def test_the_weights_of_the_model_are_read_with_it(tmp_path: Path) -> None:
    assert spec_from_config(model(tmp_path, WHOLE)).parameters == 32 * (96 + 4 * 32 + 3 * 88 + 3)


def test_a_tied_head_may_be_stored_twice_and_tables_are_no_parameters(tmp_path: Path) -> None:
    tables = {"model.layers.0.self_attn.rotary_emb.inv_freq": [4], "h.0.attn.bias": [1, 1, 64, 64]}
    further = {"lm_head.weight": [96, 32], **tables}
    assert spec_from_config(model(tmp_path, WHOLE | further)).tied_embeddings
    with pytest.raises(AhasdError, match="not the model that the configuration tells"):
        spec_from_config(model(tmp_path, WHOLE | {"lm_head.weight": [97, 32]}))
    heads = {"lm_head.weight": [96, 32], "second_head.weight": [96, 32]}
    with pytest.raises(AhasdError, match="not the model that the configuration tells"):
        spec_from_config(model(tmp_path, WHOLE | heads, tie_word_embeddings=False))


def test_a_draft_head_in_a_llama_wrapper_is_found_by_its_weights(tmp_path: Path) -> None:
    """EAGLE's files hold a layer without norms, a projection of two states to one, and no norm or head."""
    eagle = {"fc.weight": [32, 64], "embed_tokens.weight": [96, 32], **LAYER}
    with pytest.raises(AhasdError, match=r"weights beside it are [\d,]+ \(among them fc\.weight\)"):
        spec_from_config(model(tmp_path, eagle))


def test_layers_that_are_missing_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match=r"describes 28,\d{3} parameters of a plain llama model"):
        spec_from_config(model(tmp_path, WHOLE, num_hidden_layers=2))


def test_packed_weights_cannot_be_counted(tmp_path: Path) -> None:
    packed = {name: [shape[0], *(size // 8 for size in shape[1:])] for name, shape in WHOLE.items()}
    assert spec_from_config(model(tmp_path, packed, "I32")).layers == 1


def test_parts_are_counted_together_and_not_at_all_if_one_is_missing(tmp_path: Path) -> None:
    model(tmp_path, WHOLE)
    (tmp_path / "model.safetensors").unlink()
    names = list(WHOLE)
    parts = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for part, held in parts.items():
        write(tmp_path / part, {name: WHOLE[name] for name in held})
    index = {"weight_map": {name: part for part, held in parts.items() for name in held}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert spec_from_config(tmp_path).layers == 1
    write(tmp_path / "b.safetensors", {name: WHOLE[name] for name in names[6:]})
    with pytest.raises(AhasdError, match="not the model"):
        spec_from_config(tmp_path)
    (tmp_path / "b.safetensors").unlink()
    assert spec_from_config(tmp_path).layers == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x05\0\0\0\0\0\0\0{", b"\xff" * 20, struct.pack("<Q", 8) + b'{"a": 3}']
)
def test_a_broken_file_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    model(tmp_path, WHOLE)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(AhasdError, match=r"model\.safetensors is not a safetensors file"):
        spec_from_config(tmp_path)


def test_a_broken_index_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(AhasdError, match="is no index of safetensors files"):
        spec_from_config(tmp_path)


def test_a_configuration_of_another_name_has_no_weights_beside_it(tmp_path: Path) -> None:
    model(tmp_path, {"fc.weight": [3]})
    (tmp_path / "variant.json").write_text(json.dumps(CONFIG))
    assert spec_from_config(tmp_path / "variant.json").layers == 1


@pytest.mark.parametrize("family", ["llama", "gpt2", "opt", "gemma"])
def test_what_transformers_saves_is_what_it_describes(family: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    sizes: dict[str, dict[str, Any]] = {
        "gpt2": {"n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 20},
        "opt": {
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "ffn_dim": 80,
            "max_position_embeddings": 24,
            "word_embed_proj_dim": 16,
            "do_layer_norm_before": False,
        },
        "llama": {
            field: CONFIG[field]
            for field in CONFIG
            if field not in ("model_type", "tie_word_embeddings", "vocab_size")
        },
        "gemma": {
            "hidden_size": 32,
            "intermediate_size": 56,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
        }
        | {"num_key_value_heads": 1, "head_dim": 16},
    }
    config = transformers.AutoConfig.for_model(family, **sizes[family], vocab_size=97)
    config.pad_token_id = None
    built = transformers.AutoModelForCausalLM.from_config(config)
    built.save_pretrained(tmp_path)
    stated = json.loads((tmp_path / "config.json").read_text())
    # What is at its default is not written, and a size is never guessed.
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict() | stated))
    assert spec_from_config(tmp_path).parameters == sum(p.numel() for p in built.parameters())


def test_weights_of_mixtures_hold_corrections_and_layers_that_a_plain_pass_has_not(tmp_path: Path) -> None:
    fields = {
        "model_type": "glm4_moe",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 40,
        "moe_intermediate_size": 8,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "n_shared_experts": 1,
        "first_k_dense_replace": 1,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "num_nextn_predict_layers": 1,
    }
    (tmp_path / "config.json").write_text(json.dumps(fields))
    parameters = spec_from_config(fields).parameters
    tensors = {
        "model.embed_tokens.weight": [parameters],
        "model.layers.1.mlp.gate.e_score_correction_bias": [4],
        "model.layers.2.eh_proj.weight": [64, 32],
        "mtp.norm.weight": [32],
    }
    write(tmp_path / "model.safetensors", tensors)
    assert spec_from_config(tmp_path).further_token_layers == 1
    (tmp_path / "config.json").write_text(json.dumps(fields | {"num_nextn_predict_layers": 0}))
    with pytest.raises(AhasdError, match="not the model that the configuration tells"):
        spec_from_config(tmp_path)
