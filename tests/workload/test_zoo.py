"""The built-in models: published parameter counts, and how models and pairs are found."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.workload.model_spec import ModelSpec, build_spec
from ahasd.workload.pair import ModelPair, load_pair
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.workload.readers.tokenizers import tokenizer_family
from ahasd.workload.zoo import load_model, zoo_names

REQUIRED = {
    "opt-1.3b",
    "opt-6.7b",
    "llama2-7b",
    "llama2-13b",
    "sheared-llama-1.3b",
    "palm-like-8b",
    "palm-like-30b",
    "palm-like-62b",
    "llama-3.2-1b",
    "llama-3.1-8b",
    "qwen2.5-0.5b",
    "qwen2.5-7b",
    "tiny-draft",
    "tiny-target",
}
TINY = {"tiny-draft": "draft", "tiny-target": "target"}
TINY_CONFIG = {
    "model_type": "llama",
    "vocab_size": 1024,
    "hidden_size": 128,
    "intermediate_size": 344,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
}


def write_config(folder: Path, **changes: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TINY_CONFIG | changes))
    return folder


def test_the_zoo_holds_what_is_promised() -> None:
    assert set(zoo_names()) >= REQUIRED


@pytest.mark.parametrize("name", zoo_names())
def test_parameters_are_within_one_percent_of_the_published_count(name: str) -> None:
    spec = load_model(name)
    assert spec.name == name
    assert spec.source
    if spec.published_parameters is not None:
        assert spec.parameters == pytest.approx(spec.published_parameters, rel=0.01)


def test_only_models_that_nobody_published_lack_a_count() -> None:
    without_count = {name for name in zoo_names() if load_model(name).published_parameters is None}
    assert without_count == {"palm-like-30b", "tiny-draft", "tiny-target"}


def test_models_without_a_published_count_have_the_stated_size() -> None:
    assert load_model("palm-like-30b").parameters == pytest.approx(29.1e9, rel=0.01)
    assert load_model("tiny-draft").parameters == pytest.approx(0.33e6, rel=0.01)
    assert load_model("tiny-target").parameters == pytest.approx(0.92e6, rel=0.01)


@pytest.mark.parametrize("name", sorted(set(zoo_names()) - set(TINY)))
def test_tokenizers_of_the_zoo_are_those_that_a_config_would_give(name: str) -> None:
    # Otherwise a zoo model could not be paired with a published model given by path.
    spec = load_model(name)
    assert spec.tokenizer == tokenizer_family(spec.family, spec.vocabulary_size)


@pytest.mark.parametrize("name", sorted(TINY))
def test_tiny_models_are_the_trained_ones(name: str) -> None:
    config = files("ahasd").joinpath("decoding", "tiny_pair", TINY[name], "config.json")
    if not config.is_file():
        pytest.skip("the trained pair is not in this package")
    trained = spec_from_config(json.loads(config.read_text(encoding="utf-8")))
    same = {"name", "source", "tokenizer"}
    assert trained.model_dump(exclude=same) == load_model(name).model_dump(exclude=same)


def test_a_name_is_found_whatever_its_case_and_a_path_by_file_or_folder(tmp_path: Path) -> None:
    assert load_model("LLaMA2-7B") is load_model("llama2-7b")
    folder = write_config(tmp_path / "mine")
    assert load_model(str(folder)) == load_model(folder / "config.json")
    assert load_model(folder).parameters == load_model("tiny-draft").parameters


def test_a_folder_named_like_a_zoo_model_is_reached_by_a_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(tmp_path / "opt-1.3b")
    monkeypatch.chdir(tmp_path)
    assert load_model("opt-1.3b").family == "opt"
    assert load_model("./opt-1.3b").family == "llama"


def test_an_unknown_model_gets_the_nearest_name_and_the_list() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown model 'llama2-7'.*Did you mean 'llama2-7b'"
    ) as refusal:
        load_model("llama2-7")
    assert set(refusal.value.valid) == set(zoo_names())


@pytest.mark.parametrize("path", ["absent/config.json", "config-of-mine.json", Path("absent")])
def test_a_path_that_does_not_exist_is_not_taken_for_a_name(path: str | Path) -> None:
    with pytest.raises(AhasdError, match="no such model file or folder") as refusal:
        load_model(path)
    assert not isinstance(refusal.value, UnknownNameError)


@pytest.mark.parametrize(
    "text",
    [
        "llama2-7b:llama2-13b",
        "opt-1.3b:opt-6.7b",
        "palm-like-8b:palm-like-30b",
        "sheared-llama-1.3b:llama2-7b",
        "llama-3.2-1b:llama-3.1-8b",
        "tiny-draft:tiny-target",
        "llama2-13b:llama2-7b",
    ],
)
def test_pairs_of_one_tokenizer_load(text: str) -> None:
    pair = load_pair(text)
    assert pair.name == text


def test_padded_vocabularies_may_differ() -> None:
    pair = load_pair("qwen2.5-0.5b:qwen2.5-7b")
    assert (pair.draft.vocabulary_size, pair.target.vocabulary_size) == (151936, 152064)


def test_different_tokenizers_are_refused_with_both_sides() -> None:
    with pytest.raises(
        AhasdError, match=r"llama2-7b has 'llama2' \(32000.*llama-3.1-8b has 'llama3' \(128256"
    ):
        load_pair("llama2-7b:llama-3.1-8b")
    with pytest.raises(AhasdError, match="same tokenizer"):
        ModelPair(load_model("opt-1.3b"), load_model("qwen2.5-7b"))


@pytest.mark.parametrize("text", ["", ":", "llama2-7b", "llama2-7b:", ":llama2-7b", " : "])
def test_a_malformed_pair_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AhasdError, match="DRAFT:TARGET"):
        load_pair(text)


def test_members_of_a_pair_may_be_paths_even_with_colons(tmp_path: Path) -> None:
    draft = write_config(tmp_path / "draft")
    target = write_config(tmp_path / "a:b", num_hidden_layers=4)
    assert load_pair(f"{draft}:{draft}").target.layers == 1
    assert load_pair(f"{draft}:{target}").target.layers == 4
    with pytest.raises(AhasdError, match="no colon parts it"):
        load_pair(f"{draft}:{target}-absent")
    with pytest.raises(AhasdError, match="no such model"):
        load_pair(f"{draft}:{draft}-absent")
    with pytest.raises(UnknownNameError):
        load_pair("llama2-7b:llama2-14b")


def test_specs_are_frozen_and_closed() -> None:
    spec = load_model("tiny-draft")
    with pytest.raises(ValidationError):
        spec.layers = 2  # type: ignore[misc]
    with pytest.raises(AhasdError, match=r"mine\.yaml: depth: Extra inputs"):
        build_spec(spec.model_dump() | {"depth": 3}, "mine.yaml")
    with pytest.raises(AhasdError, match=r"mine\.yaml: layers: .*greater than 0"):
        build_spec(spec.model_dump() | {"layers": 0}, "mine.yaml")
    with pytest.raises(AhasdError, match="must cover maximum_positions"):
        build_spec(spec.model_dump() | {"learned_positions": 10}, "mine.yaml")
    with pytest.raises(AhasdError, match="an RMS norm has no bias"):
        build_spec(spec.model_dump() | {"normalization_bias": True}, "mine.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer_groups": [{"name": "a", "layers": 1}]}, "layer_groups hold 1 layers, and there are 2"),
        ({"layer_groups": [{"name": "a", "layers": 1}] * 2}, "two of layer_groups have the same name"),
        ({"layer_groups": [{"name": "a", "layers": 2, "shares_cache": True}]}, "need others that keep one"),
        (
            {"layer_groups": [{"name": "a", "layers": 2, "key_value_heads": 3}]},
            r"must be a multiple of key_value_heads \(3\)",
        ),
        ({"layer_groups": [{"name": "a", "layers": 2, "head_dim": 3}]}, "need an even head_dim, not 3"),
        (
            {"parallel_layers": True, "norm_placement": "behind"},
            "parallel layers have their norms before them",
        ),
        ({"parallel_norm_apart": True}, "parallel_norm_apart is for parallel_layers"),
        ({"per_layer_width": 4}, "per_layer_rows and per_layer_width go together"),
        ({"streams": 2}, "several streams and augmented_residual_rank go together"),
        ({"streams": 2, "augmented_residual_rank": 2}, "several streams need per_layer_width"),
        ({"learned_positions": 9000, "positions": "bias"}, "learned_positions are all positions"),
    ],
)
def test_shapes_that_contradict_themselves_are_refused(changes: dict[str, Any], message: str) -> None:
    spec = load_model("tiny-draft").model_copy(update={"layers": 2})
    with pytest.raises(AhasdError, match=message):
        build_spec(spec.model_dump() | changes, "mine.yaml")


def test_a_text_beyond_the_position_table_is_refused_and_rotary_is_not() -> None:
    opt: ModelSpec = load_model("opt-1.3b")
    opt.require_positions(2048)
    with pytest.raises(AhasdError, match="positions for 2048 tokens, and the run needs 2049"):
        opt.require_positions(2049)
    load_model("tiny-draft").require_positions(100_000)
