"""Models from GGUF files: every architecture that is read, exact bytes, tokenizers, and what is refused."""

from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.run import simulate
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import load_pair
from ahasd.workload.passes import forward_pass, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.readers.gguf.architectures import ARCHITECTURES, as_config
from ahasd.workload.readers.gguf.fields import HeaderFields
from ahasd.workload.readers.gguf.header import read_header
from ahasd.workload.readers.gguf.model import spec_from_gguf
from ahasd.workload.readers.hugging_face import FAMILIES
from ahasd.workload.zoo import load_model

from .files import (
    F32,
    HEAD_DIM,
    HEADS,
    HIDDEN,
    INNER,
    KINDS,
    LATER,
    LAYERS,
    MODELS,
    Q4_K,
    Q6_K,
    TOKENS,
    VOCABULARY,
    dense,
    keys,
    matrix,
    tensor_bytes,
    vector,
    write_gguf,
)

TABLES = ("rope_freqs.weight",)


def stored_bytes(tensors: list) -> int:
    return sum(tensor_bytes(info) for info in tensors if info[0] not in TABLES)


READ = MODELS | {name: model for name, model in LATER.items() if ARCHITECTURES[name].model_type in FAMILIES}


@pytest.fixture(params=sorted(READ))
def small(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ModelSpec, list]:
    values, tensors = READ[request.param]
    return spec_from_gguf(write_gguf(tmp_path / f"{request.param}.gguf", values, tensors)), tensors


def test_shapes_come_from_the_header_and_agree_with_the_tensors(small: tuple[ModelSpec, list]) -> None:
    spec, tensors = small
    assert (spec.layers, spec.hidden_size, spec.heads, spec.head_dim) == (LAYERS, HIDDEN, HEADS, HEAD_DIM)
    assert (spec.feed_forward_size, spec.vocabulary_size) == (INNER, VOCABULARY)
    assert spec.tied_embeddings == ("output.weight" not in {info[0] for info in tensors})


def test_a_model_takes_the_bytes_of_its_tensors(small: tuple[ModelSpec, list]) -> None:
    spec, tensors = small
    assert spec.stored_weights is not None
    assert spec.stored_weights.elements == spec.parameters
    assert spec.stored_weights.bytes == stored_bytes(tensors)
    # A graph takes whole bytes of every matrix of every layer.
    rounding = len(spec.stored_weights.groups) * LAYERS
    assert abs(weight_bytes(spec, Precision()) - stored_bytes(tensors)) <= rounding
    assert weight_bytes(spec, Precision(4)) == weight_bytes(spec, Precision())


def test_a_pass_reads_every_matrix_with_its_own_bits(tmp_path: Path) -> None:
    spec = spec_from_gguf(write_gguf(tmp_path / "m.gguf", *MODELS["llama"]))
    operators = {operator.name: operator for operator in forward_pass(spec, 1, 0, Precision()).operators}
    assert operators["lm_head"].weight_stored_bits == 8 * 210 / 256
    assert operators["layer.query"].weight_stored_bits == 4.5
    # Of three down projections one is of Q6_K.
    assert operators["layer.down"].weight_stored_bits == pytest.approx((2 * 4.5 + 6.5625) / 3)
    assert operators["layer.attention_norm"].weight_bytes == 4 * HIDDEN * LAYERS, "norms are F32"


def test_a_format_has_the_name_that_the_file_states_or_those_of_its_types(tmp_path: Path) -> None:
    values, tensors = MODELS["llama"]
    stated = spec_from_gguf(write_gguf(tmp_path / "stated.gguf", values, tensors))
    unstated = {key: value for key, value in values.items() if key != "general.file_type"}
    unnamed = spec_from_gguf(write_gguf(tmp_path / "unnamed.gguf", unstated, tensors))
    assert stated.stored_weights is not None
    assert unnamed.stored_weights is not None
    assert (stated.stored_weights.format, unnamed.stored_weights.format) == ("Q4_K_M", "Q4_K and Q6_K")


def test_every_row_of_a_family_that_is_read_is_tested_here() -> None:
    read = {name for name, row in ARCHITECTURES.items() if row.model_type in FAMILIES}
    # Those of two are other tensors of the same kinds, the others had no reader when their rows were written.
    alike = {"chatglm", "starcoder"}
    unread = {
        "cohere2",
        "falcon",
        "glm4",
        "glm4moe",
        "gpt-oss",
        "gptneox",
        "granitemoe",
        "llama4",
        "olmo2",
        "olmoe",
    }
    unread |= {"phi2", "phimoe", "qwen2moe", "qwen3moe"}
    assert read - alike - unread <= set(MODELS) | set(LATER)
    assert set(MODELS) - {"llama"} <= read


def test_an_architecture_that_is_not_known_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", keys("quen3"), dense())
    with pytest.raises(AhasdError, match=r"m.gguf: unknown architecture 'quen3'. Did you mean 'qwen3'"):
        spec_from_gguf(path)


def test_a_family_without_a_reader_is_refused_by_name(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", keys("phi2"), dense())
    with pytest.raises(AhasdError, match=r"m.gguf: model_type 'phi' is not supported|parameters"):
        spec_from_gguf(path)


def test_a_projector_is_no_language_model(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="mmproj"):
        spec_from_gguf(write_gguf(tmp_path / "m.gguf", keys("clip"), []))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (dense(head_norms=("attn_q_norm",)), f"{LAYERS * HEAD_DIM} more"),
        (dense()[:-1], f"{HIDDEN} fewer"),
        ([*dense(), matrix("blk.0.lora_a", 256, 2)], r"among them blk.0.lora_a.weight\): 512 more"),
        (dense(layers=LAYERS - 1), "fewer"),
    ],
)
def test_tensors_that_are_not_those_of_the_shapes_are_refused(
    tmp_path: Path, tensors: list, message: str
) -> None:
    path = write_gguf(tmp_path / "m.gguf", keys("llama"), tensors)
    with pytest.raises(AhasdError, match=message):
        spec_from_gguf(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "does not say its architecture"),
        (keys("llama", block_count=None), "does not say llama.block_count"),
        (keys("llama", embedding_length=None), "hidden_size"),
        (keys("llama", **{"attention.head_count_kv": [2, 2, 4]}), r"differs from layer to layer \(2, 4\)"),
        (keys("llama", embedding_length="wide"), "no whole number"),
    ],
)
def test_headers_that_lack_something_are_refused(tmp_path: Path, values: dict, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        spec_from_gguf(write_gguf(tmp_path / "m.gguf", values, dense()))


def test_keys_that_are_the_same_in_every_layer_are_one(tmp_path: Path) -> None:
    values = keys("llama", **{"attention.head_count_kv": [2, 2, 2]})
    assert spec_from_gguf(write_gguf(tmp_path / "m.gguf", values, dense())).key_value_heads == 2


def test_layers_that_predict_further_tokens_are_named_and_not_counted(tmp_path: Path) -> None:
    plain = spec_from_gguf(write_gguf(tmp_path / "a.gguf", keys("llama"), dense()))
    values = keys("llama", block_count=LAYERS + 1, nextn_predict_layers=1)
    further = [*dense(layers=LAYERS + 1), matrix(f"blk.{LAYERS}.nextn.eh_proj", 2 * HIDDEN, HIDDEN)]
    spec = spec_from_gguf(write_gguf(tmp_path / "b.gguf", values, further))
    assert spec.stored_weights is not None
    assert plain.stored_weights is not None
    assert (spec.layers, spec.parameters) == (LAYERS, plain.parameters)
    assert spec.stored_weights.bytes == plain.stored_weights.bytes
    of_it = [info for info in further if info[0].startswith(f"blk.{LAYERS}.")]
    counted = sum(info[1][0] * (info[1][1] if len(info[1]) > 1 else 1) for info in of_it)
    assert spec.stored_weights.beside == (
        f"1 layer(s) that predict further tokens (NextN): {counted:,} parameters, "
        f"{sum(map(tensor_bytes, of_it)) / 1e9:.3f} GB, which decoding with a draft leaves out",
    )


def test_tokenizers_are_compared_without_added_tokens(tmp_path: Path) -> None:
    values, tensors = MODELS["llama"]
    one = write_gguf(tmp_path / "one.gguf", values, tensors)
    chat = values | {"tokenizer.ggml.tokens": [*TOKENS[:90], *(f"<{n}>" for n in range(6))]}
    other = values | {"tokenizer.ggml.tokens": ["x", *TOKENS[1:]]}
    pair = load_pair(f"{write_gguf(tmp_path / 'chat.gguf', chat, tensors)}:{one}")
    assert pair.unchecked == []
    assert len(KINDS) == VOCABULARY
    with pytest.raises(AhasdError, match="need the same tokenizer"):
        load_pair(f"{write_gguf(tmp_path / 'other.gguf', other, tensors)}:{one}")


def test_a_pair_of_files_runs_and_its_result_names_formats(tmp_path: Path) -> None:
    values, tensors = MODELS["llama"]
    small = write_gguf(tmp_path / "small-Q4_K_M.gguf", keys("llama", block_count=1), dense(layers=1))
    large = write_gguf(tmp_path / "large-Q4_K_M.gguf", values, tensors)
    asked = {
        "pair": f"{small}:{large}",
        "tokens": 8,
        "trace": "synthetic:acceptance=0.8,auc=0.7",
        "system": "npu",
    }
    result = simulate(**asked, prompt_tokens=16)
    assert result.pair == "small-Q4_K_M:large-Q4_K_M"
    assert result.weights["target"].bytes == stored_bytes(tensors)
    assert result.weights["target"].origin == "GGUF file"
    assert any("rotary positions" in note for note in result.notes)
    plain = simulate(**asked, prompt_tokens=16, weight_bits=4)
    assert plain.weights == {}
    assert plain.tokens_per_second > result.tokens_per_second


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", keys("llama", block_count=1), dense(layers=1))
    assert load_model(str(path)).layers == 1
    write_gguf(path, keys("llama"), dense())
    assert load_model(str(path)).layers == LAYERS
    path.unlink()
    with pytest.raises(AhasdError, match="cannot be read"):
        load_model(str(path))


def mixture_config(tmp_path: Path, architecture: str, tensors: list = (), **others: object) -> dict:  # type: ignore[assignment]
    path = write_gguf(
        tmp_path / "m.gguf",
        keys(architecture, **others),
        [matrix("token_embd", HIDDEN, VOCABULARY), *tensors],
    )
    return as_config(HeaderFields(read_header(str(path))))


def test_keys_of_mixtures_are_those_of_their_families(tmp_path: Path) -> None:
    experts = {"expert_count": 8, "expert_used_count": 2, "expert_feed_forward_length": 64}
    qwen = mixture_config(tmp_path, "qwen3moe", **experts)
    assert qwen["model_type"] == "qwen3_moe"
    assert (qwen["num_experts"], qwen["num_experts_per_tok"], qwen["moe_intermediate_size"]) == (8, 2, 64)
    mixtral = mixture_config(tmp_path, "llama", **experts)
    assert (mixtral["model_type"], mixtral["num_local_experts"]) == ("mixtral", 8)
    oss = mixture_config(tmp_path, "gpt-oss", **experts, **{"attention.sliding_window": 128})
    assert (oss["model_type"], oss["intermediate_size"], oss["sliding_window"]) == ("gpt_oss", 64, 128)
    assert oss["layer_types"] == ["sliding_attention", "full_attention", "sliding_attention"]


@pytest.mark.parametrize("newer", [False, True])
def test_latent_attention_is_said_alike_by_older_and_newer_files(tmp_path: Path, newer: bool) -> None:
    older = {"attention.key_length": 192, "attention.value_length": 128}
    latent = {"attention.key_length": 576, "attention.value_length": 512, "attention.head_count_kv": 1}
    latent |= {"attention.key_length_mla": 192, "attention.value_length_mla": 128}
    others = {
        "attention.kv_lora_rank": 512,
        "rope.dimension_count": 64,
        "expert_count": 64,
        "expert_used_count": 6,
        "expert_shared_count": 2,
        "expert_feed_forward_length": 96,
        "leading_dense_block_count": 1,
    } | (latent if newer else older)
    config = mixture_config(tmp_path, "deepseek2", **others)
    assert config["model_type"] == "deepseek_v2"
    assert (config["kv_lora_rank"], config["qk_rope_head_dim"]) == (512, 64)
    assert (config["qk_nope_head_dim"], config["v_head_dim"]) == (128, 128)
    assert (config["n_routed_experts"], config["n_shared_experts"], config["first_k_dense_replace"]) == (
        64,
        2,
        1,
    )
    assert "head_dim" not in config
    third = mixture_config(tmp_path, "deepseek2", [("blk.1.exp_probs_b.bias", (64,), F32)], **others)
    assert third["model_type"] == "deepseek_v3"


def test_windows_stand_where_the_architecture_has_them(tmp_path: Path) -> None:
    config = mixture_config(tmp_path, "gemma3", block_count=7, **{"attention.sliding_window": 512})
    assert config["layer_types"] == ["sliding_attention"] * 5 + ["full_attention", "sliding_attention"]
    assert config["sliding_window"] == 512


def more_bits(layer: int, layers: int) -> bool:
    """Which layers a K-quant mix gives more bits (`use_more_bits` of llama.cpp's quantiser)."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def test_a_published_mix_has_the_published_size(tmp_path: Path) -> None:
    """Llama 3.1 8B in Q4_K_M: 4.92 GB, 4.89 bits per weight as llama.cpp prints."""
    zoo, layers = load_model("llama-3.1-8b"), 32
    tensors = [matrix("token_embd", 4096, 128256), vector("output_norm", 4096)]
    tensors += [matrix("output", 4096, 128256, Q6_K), ("rope_freqs.weight", (64,), F32)]
    for layer in range(layers):
        wide = Q6_K if more_bits(layer, layers) else Q4_K
        name = f"blk.{layer}"
        tensors += [vector(f"{name}.attn_norm", 4096), vector(f"{name}.ffn_norm", 4096)]
        tensors += [matrix(f"{name}.attn_{own}", 4096, 4096) for own in ("q", "output")]
        tensors += [matrix(f"{name}.attn_k", 4096, 1024), matrix(f"{name}.attn_v", 4096, 1024, wide)]
        tensors += [matrix(f"{name}.ffn_{own}", 4096, 14336) for own in ("gate", "up")]
        tensors.append(matrix(f"{name}.ffn_down", 14336, 4096, wide))
    sizes = {"block_count": layers, "embedding_length": 4096, "feed_forward_length": 14336}
    heads = {"attention.head_count": 32, "attention.head_count_kv": 8, "attention.key_length": 128}
    spec = spec_from_gguf(write_gguf(tmp_path / "m.gguf", keys("llama", **sizes, **heads), tensors))
    assert spec.parameters == zoo.parameters
    assert spec.stored_weights is not None
    assert spec.stored_weights.bits_per_weight == pytest.approx(4.89, abs=0.015)
    assert weight_bytes(spec, Precision()) == pytest.approx(4.92e9, rel=2e-3)
