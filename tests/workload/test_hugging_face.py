"""Reading `config.json`: every family against `transformers`, and files that cannot be used."""

import json
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import build_spec
from ahasd.workload.readers.families.by_model_type import FAMILIES
from ahasd.workload.readers.hugging_face import spec_from_config

#: What rotary families spell alike.
SMALL: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 56,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "hidden_act": "silu",
}
CONFIGS: dict[str, dict[str, Any]] = {
    "opt": {
        "model_type": "opt",
        "vocab_size": 96,
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "ffn_dim": 80,
        "max_position_embeddings": 24,
        "word_embed_proj_dim": 32,
        "activation_function": "relu",
        "do_layer_norm_before": True,
    },
    "opt-350m-like": {
        "model_type": "opt",
        "vocab_size": 96,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "ffn_dim": 80,
        "max_position_embeddings": 24,
        "word_embed_proj_dim": 16,
        "activation_function": "relu",
        "do_layer_norm_before": False,
    },
    "gpt2": {
        "model_type": "gpt2",
        "vocab_size": 97,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 3,
        "n_positions": 20,
        "n_inner": None,
        "activation_function": "gelu_new",
    },
    "llama": {
        "model_type": "llama",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 88,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
    },
    "llama-grouped": {
        "model_type": "llama",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 88,
        "num_hidden_layers": 2,
        "num_attention_heads": 8,
        "num_key_value_heads": 2,
        "head_dim": 6,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "attention_bias": True,
        "mlp_bias": True,
        "tie_word_embeddings": True,
    },
    "mistral": {
        "model_type": "mistral",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 56,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "sliding_window": 16,
    },
    "qwen2": {
        "model_type": "qwen2",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 56,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "use_sliding_window": False,
        "sliding_window": 32,
        "tie_word_embeddings": True,
    },
    "qwen3": {
        "model_type": "qwen3",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 56,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
    },
    "granite": {
        **SMALL,
        "model_type": "granite",
        "num_key_value_heads": 2,
        "attention_bias": True,
        "embedding_multiplier": 12.0,
        "tie_word_embeddings": True,
    },
    "ministral3": {**SMALL, "model_type": "ministral3", "num_key_value_heads": 2, "head_dim": 16},
    "phi3": {
        **SMALL,
        "model_type": "phi3",
        "num_key_value_heads": 2,
        "sliding_window": 16,
        "pad_token_id": 0,
    },
    "smollm3": {
        **SMALL,
        "model_type": "smollm3",
        "num_key_value_heads": 2,
        "mlp_bias": True,
        "pad_token_id": 0,
    },
    "gemma": {
        **SMALL,
        "model_type": "gemma",
        "num_key_value_heads": 1,
        "head_dim": 16,
        "hidden_act": "gelu_pytorch_tanh",
    },
    "seed_oss": {**SMALL, "model_type": "seed_oss", "num_key_value_heads": 2, "head_dim": 16},
    "seed_oss-output-bias": {
        **SMALL,
        "model_type": "seed_oss",
        "num_key_value_heads": 2,
        "head_dim": 16,
        "attention_bias": False,
        "attention_out_bias": True,
        "mlp_bias": True,
    },
    "ernie4_5": {
        **SMALL,
        "model_type": "ernie4_5",
        "num_key_value_heads": 2,
        "head_dim": 16,
        "use_bias": True,
    },
    "glm": {
        **SMALL,
        "model_type": "glm",
        "num_key_value_heads": 2,
        "head_dim": 16,
        "attention_bias": True,
        "pad_token_id": 0,
    },
    "starcoder2": {
        **SMALL,
        "model_type": "starcoder2",
        "num_key_value_heads": 2,
        "hidden_act": "gelu_pytorch_tanh",
        "sliding_window": 16,
    },
    "starcoder2-plain": {**SMALL, "model_type": "starcoder2", "num_key_value_heads": 2, "use_bias": False},
    "stablelm": {**SMALL, "model_type": "stablelm", "num_key_value_heads": 2, "use_qkv_bias": True},
    "stablelm-parallel": {
        **SMALL,
        "model_type": "stablelm",
        "num_key_value_heads": 4,
        "use_parallel_residual": True,
    },
    "cohere": {**SMALL, "model_type": "cohere", "num_key_value_heads": 2, "attention_bias": True},
    "gpt_bigcode": {
        "model_type": "gpt_bigcode",
        "vocab_size": 97,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 3,
        "n_positions": 20,
        "activation_function": "gelu_pytorch_tanh",
    },
    "palm": {
        "model_type": "palm",
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
        "hidden_act": "silu",
    },
}
#: Layers from the second on have a window.
WINDOWS = {"use_sliding_window": True, "max_window_layers": 1}
EXAONE4 = {
    **SMALL,
    "model_type": "exaone4",
    "num_hidden_layers": 5,
    "sliding_window": 8,
    "sliding_window_pattern": "LLLG",
}
GPT_NEO: dict[str, Any] = {
    "model_type": "gpt_neo",
    "vocab_size": 97,
    "hidden_size": 24,
    "num_layers": 2,
    "num_heads": 3,
    "max_position_embeddings": 20,
    "attention_types": [[["global", "local"], 1]],
    "window_size": 8,
    "activation_function": "gelu_new",
}
MPT = {"model_type": "mpt", "d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 64, "vocab_size": 96}


def without(config: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {field: value for field, value in config.items() if field not in fields}


def test_the_examples_are_of_supported_families() -> None:
    assert {config["model_type"] for config in CONFIGS.values()} <= set(FAMILIES)


@pytest.mark.parametrize("example", sorted(set(CONFIGS) - {"palm"}))
def test_parameters_are_those_that_transformers_builds(example: str, tmp_path: Any) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(**CONFIGS[example])
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    expected = sum(parameter.numel() for parameter in model.parameters())  # a tied matrix appears once
    assert spec_from_config(CONFIGS[example]).parameters == expected
    # What transformers itself writes, with its own spelling and defaults, reads the same.
    config.save_pretrained(tmp_path)
    assert spec_from_config(tmp_path).parameters == expected


def test_what_a_spec_holds_can_be_written_and_read_again() -> None:
    for config in (CONFIGS["qwen3"], CONFIGS["smollm3"], EXAONE4):
        spec = spec_from_config(config)
        assert build_spec(json.loads(spec.model_dump_json()), "again") == spec


def test_palm_parameters_match_a_count_by_hand() -> None:
    # 2 layers of query 32·32, key and value 32·8 each (one head of 8), output 32·32, gate, up, down 3·32·128
    # and one norm gain of 32; embedding 96·32, shared with the head; a final gain of 32.
    layer = 32 * 32 + 2 * 32 * 8 + 32 * 32 + 3 * 32 * 128 + 32
    assert spec_from_config(CONFIGS["palm"]).parameters == 2 * layer + 96 * 32 + 32
    ungated = spec_from_config(CONFIGS["palm"] | {"gated_feed_forward": False})
    assert ungated.parameters == 2 * (layer - 32 * 128) + 96 * 32 + 32


def test_architecture_of_each_family() -> None:
    specs = {example: spec_from_config(config) for example, config in CONFIGS.items()}
    assert specs["opt"].learned_positions == 26
    assert specs["opt"].activation == "relu"
    assert specs["opt"].embedding_size is None
    assert (specs["opt-350m-like"].embedding_size, specs["opt-350m-like"].final_norm) == (16, False)
    assert specs["gpt2"].feed_forward_size == 4 * 24
    assert specs["gpt2"].activation == "gelu"
    assert specs["llama"].key_value_heads == specs["llama"].heads == 4
    assert (specs["llama-grouped"].head_dim, specs["llama-grouped"].key_value_heads) == (6, 2)
    assert specs["mistral"].sliding_window == 16
    assert specs["qwen2"].sliding_window is None
    assert specs["qwen2"].query_key_value_bias
    assert not specs["qwen2"].attention_output_bias
    assert specs["qwen3"].query_key_norm
    assert not specs["qwen3"].query_key_value_bias
    assert specs["palm"].parallel_layers
    assert specs["stablelm-parallel"].parallel_layers
    assert not specs["stablelm"].parallel_layers
    assert specs["starcoder2"].sliding_window == 16
    assert specs["gpt_bigcode"].key_value_heads == 1
    assert specs["gemma"].tied_embeddings
    renamed = spec_from_config(
        CONFIGS["gemma"] | {"hidden_act": "relu", "hidden_activation": "gelu_pytorch_tanh"}
    )
    assert renamed.activation == "gelu", "what later files call it goes first"
    assert specs["palm"].key_value_heads == 1


def test_name_comes_from_the_caller_then_the_folder_and_paths_stay_out_of_the_spec(tmp_path: Any) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIGS["llama"]))
    from_folder = spec_from_config(folder)
    assert from_folder == spec_from_config(str(folder / "config.json"))
    assert from_folder.name == "my-model"
    assert str(tmp_path) not in from_folder.model_dump_json()
    assert spec_from_config(folder, name="other").name == "other"
    (folder / "variant.json").write_text(json.dumps(CONFIGS["llama"]))
    assert spec_from_config(folder / "variant.json").name == "variant"
    assert spec_from_config(CONFIGS["llama"]).name == "llama"


def test_tokenizer_family_follows_architecture_and_vocabulary_unless_the_file_says_so() -> None:
    llama = CONFIGS["llama"]
    assert spec_from_config(llama | {"vocab_size": 32000}).tokenizer == "llama2"
    assert spec_from_config(llama | {"vocab_size": 128256}).tokenizer == "llama3"
    assert spec_from_config(llama).tokenizer == "llama-96"
    assert spec_from_config(llama | {"tokenizer_family": "mine"}).tokenizer == "mine"
    qwen2, qwen3 = CONFIGS["qwen2"], CONFIGS["qwen3"]
    assert spec_from_config(qwen2 | {"vocab_size": 152064}).tokenizer == "qwen2"
    assert spec_from_config(qwen3 | {"vocab_size": 151936}).tokenizer == "qwen2"
    # OPT and GPT-2 split text alike and number the pieces differently.
    opt = spec_from_config(CONFIGS["opt"] | {"vocab_size": 50272})
    gpt2 = spec_from_config(CONFIGS["gpt2"] | {"vocab_size": 50257})
    assert opt.tokenizer != gpt2.tokenizer


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (CONFIGS["llama"] | {"model_type": "rwkv"}, "model_type 'rwkv' is not supported.*llama"),
        (without(CONFIGS["llama"], "model_type"), "'model_type' is missing"),
        (without(CONFIGS["llama"], "hidden_size"), "'hidden_size' is missing"),
        (without(CONFIGS["mistral"], "num_key_value_heads"), "'num_key_value_heads' is missing"),
        (CONFIGS["llama"] | {"hidden_size": "32"}, "'hidden_size' must be a positive integer, not '32'"),
        (CONFIGS["llama"] | {"num_hidden_layers": 0}, "'num_hidden_layers' must be a positive integer"),
        (CONFIGS["llama"] | {"num_hidden_layers": True}, "'num_hidden_layers' must be a positive integer"),
        (CONFIGS["llama"] | {"num_attention_heads": 5}, r"hidden_size \(32\) must be a multiple of"),
        (CONFIGS["llama-grouped"] | {"num_key_value_heads": 3}, r"heads \(8\) must be a multiple of"),
        (CONFIGS["llama-grouped"] | {"head_dim": 5}, "even head_dim"),
        (CONFIGS["llama"] | {"hidden_act": "mish"}, "hidden_act 'mish' is not supported.*silu"),
        (CONFIGS["llama"] | {"hidden_act": 3}, "'hidden_act' must be a string"),
        (CONFIGS["llama"] | {"tie_word_embeddings": "no"}, "'tie_word_embeddings' must be true or false"),
        (without(CONFIGS["qwen2"], "sliding_window") | WINDOWS, "'sliding_window' is missing"),
        (
            CONFIGS["qwen2"] | {"layer_types": ["full_attention"] * 3} | WINDOWS,
            "names 3 layers, and there are 2",
        ),
        (EXAONE4 | {"sliding_window_pattern": "LXG"}, "'sliding_window_pattern' must be a period or letters"),
        (GPT_NEO | {"attention_types": [[["global", "distant"], 1]]}, "'attention_types' must list kinds"),
        (GPT_NEO | {"attention_types": [[["global"], 1]]}, "'attention_types' names 1 of 2 layers"),
        (MPT | {"attn_config": "alibi"}, "'attn_config' must hold fields of its own"),
        (
            CONFIGS["smollm3"] | {"no_rope_layers": [1]},
            "'no_rope_layers' must say 0 or 1 for each of 2 layers",
        ),
        (MPT | {"no_bias": False}, "no_bias false makes it another MPT"),
        (MPT | {"attn_config": {"alibi": False}}, "alibi false makes it another MPT"),
        (CONFIGS["gemma"] | {"model_type": "gemma2", "use_bidirectional_attention": True}, "writes no text"),
        (CONFIGS["opt"] | {"layer_norm_elementwise_affine": False}, "layer_norm_elementwise_affine"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_by_file_and_field(
    config: dict[str, Any], message: str, tmp_path: Any
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    with pytest.raises(AhasdError, match=message) as refusal:
        spec_from_config(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model_type": "llama"', "is not valid JSON"),
        ("[1, 2]", "holds no JSON object"),
        ("", "is not valid JSON"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(text: str, message: str, tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(AhasdError, match=message):
        spec_from_config(path)


def test_binary_and_absent_files_are_refused(tmp_path: Any) -> None:
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(AhasdError, match="is not text in UTF-8"):
        spec_from_config(tmp_path)
    with pytest.raises(AhasdError, match="does not exist"):
        spec_from_config(tmp_path / "absent.json")
