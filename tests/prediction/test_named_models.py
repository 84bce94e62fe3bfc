"""Models by published name, of the zoo, and by file: exact figures where there is a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.prediction.from_figures.fitted import fitted
from ahasd.prediction.from_figures.head_figures import HeadFigures
from ahasd.prediction.from_figures.model_figures import ModelFigures, model_figures
from ahasd.prediction.from_figures.named_models import NamedModel, read_draft, read_target
from ahasd.prediction.from_figures.round_cost import head_reads, round_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.spec_figures import figures_of_spec
from ahasd.workload.zoo import load_model

QWEN = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 5120,
    "intermediate_size": 13824,
    "num_hidden_layers": 48,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "vocab_size": 152064,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": False,
    "hidden_act": "silu",
}
MIXTURE = {
    "model_type": "glm4_moe",
    "hidden_size": 4096,
    "num_hidden_layers": 46,
    "num_attention_heads": 96,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 10944,
    "moe_intermediate_size": 1408,
    "n_routed_experts": 128,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 1,
    "vocab_size": 151552,
    "num_nextn_predict_layers": 1,
    "max_position_embeddings": 131072,
    "hidden_act": "silu",
}
EAGLE3 = {
    "architectures": ["LlamaForCausalLMEagle3"],
    "model_type": "llama",
    "hidden_size": 5120,
    "intermediate_size": 13824,
    "num_hidden_layers": 1,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "vocab_size": 152064,
    "draft_vocab_size": 32000,
}


def folder(path: Path, configuration: dict[str, Any]) -> str:
    path.mkdir()
    (path / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    return str(path)


def target(text: str, **more: Any) -> ModelFigures:
    return read_target(NamedModel("target", text, **more))


def test_a_file_gives_exact_sizes(tmp_path: Path) -> None:
    found = target(folder(tmp_path / "qwen2.5-14b", QWEN))
    assert found.name == "qwen2.5-14b"
    assert found.parameters == 14_770_033_664  # 14.7 B in its model card
    assert found.active == found.parameters - 152064 * 5120  # a row of the embedding table is read
    assert found.exact_shape is not None
    assert (found.layers, found.output_parameters) == (48, 152064 * 5120)
    assert found.cache_bytes(4096) == 2 * 48 * 8 * 128 * 4096 * 2
    assert found.stored_bytes == found.parameters * 5.0 / 8


def test_file_and_name_agree_within_what_a_name_can_say(tmp_path: Path) -> None:
    exact, named = target(folder(tmp_path / "qwen2.5-14b", QWEN)), target("Qwen2.5-14B")
    assert named.exact_shape is None
    assert exact.parameters == pytest.approx(named.parameters, rel=0.06)
    assert exact.layers == pytest.approx(named.layers, rel=0.1)
    assert exact.cache_bytes(1) == pytest.approx(named.cache_bytes(1), rel=0.1)


def test_a_tied_head_is_read_whole() -> None:
    found = figures_of_spec(load_model("qwen2.5-0.5b"), "bf16", "Q8_0")
    assert found.active == found.parameters == load_model("qwen2.5-0.5b").parameters
    assert found.read_bytes == 2 * load_model("qwen2.5-0.5b").parameters


def test_a_name_of_the_zoo_is_exact_and_a_size_of_ones_own_goes_first() -> None:
    assert target("Qwen2.5-7B").exact_shape is not None
    assert target("Qwen2.5-7B", billions=3.0).parameters == 3e9


def test_mixtures_are_read_with_the_layers_that_predict_further_tokens(tmp_path: Path) -> None:
    found = target(folder(tmp_path / "air", MIXTURE), quantisation="Q8_0")
    assert found.mixture
    assert found.predicting
    assert found.parameters == pytest.approx(106.8e9, rel=0.001)
    assert found.active == pytest.approx(12e9, rel=0.1)
    assert found.weight_bits == 8.5


@pytest.mark.parametrize(
    ("name", "predicting"),
    [
        ("GLM-4.5-Air", True),
        ("DeepSeek-V3", True),
        ("Qwen3-Next-80B-A3B", True),
        ("Qwen3.6-27B", True),
        ("Qwen2.5-14B", False),
        ("DeepSeek-R1-Distill-Qwen-7B", False),
        ("Qwen3-8B", False),
    ],
)
def test_names_say_which_families_bring_layers_that_predict(name: str, predicting: bool) -> None:
    assert model_figures(name).predicting == predicting


def test_a_head_is_costed_by_its_layer_and_its_reduced_vocabulary(tmp_path: Path) -> None:
    """And not as the single-layer model that its file could be taken for."""
    large = target(folder(tmp_path / "t", QWEN))
    head = read_draft(NamedModel("draft", folder(tmp_path / "head", EAGLE3)))
    assert isinstance(head, HeadFigures)
    assert head.method == "eagle"
    layer = 2 * 5120 * (5120 + 2 * 1024) + 5120 * 5120 + 3 * 5120 * 13824
    assert head.step_bytes == 2 * (layer + 32000 * 5120)
    setting = Setting(matching_devices("RTX 3090"), "cuda", large, "eagle", acceptance=0.6, draft_length=3)
    known, supposed = (round_cost(each, fitted()) for each in (with_head(setting, head), setting))
    assert head_reads(with_head(setting, head)) == head.step_bytes / large.read_bytes
    assert known is not None
    assert supposed is not None
    assert known.verify == supposed.verify
    assert known.draft != supposed.draft


def with_head(setting: Setting, head: HeadFigures) -> Setting:
    from dataclasses import replace

    return replace(setting, head=head)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("my-model", "give --target-size, or the path of its config.json"),
        ("gone.gguf", "no such file: gone.gguf"),
        ("./gone", "no such file: ./gone"),
    ],
)
def test_what_says_no_size_is_refused_with_the_ways_out(text: str, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        target(text)


def test_ids_of_the_hub_are_names() -> None:
    assert target("Qwen/Qwen2.5-14B-Instruct").parameters == 14e9


def test_contradictions_and_heads_as_targets_are_refused(tmp_path: Path) -> None:
    path = folder(tmp_path / "t", QWEN)
    with pytest.raises(AhasdError, match="--target-size changes nothing"):
        target(path, billions=14.0)
    with pytest.raises(AhasdError, match=r"is a head \(eagle3\)"):
        target(folder(tmp_path / "head", EAGLE3))
