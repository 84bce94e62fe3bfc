"""The text model of files of several parts: read as it would be alone, and no other part with it."""

import json
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.families.by_model_type import FAMILIES
from ahasd.workload.readers.hugging_face import spec_from_config
from ahasd.workload.readers.text_part import SEVERAL_PARTS

TEXT: dict[str, Any] = {
    "model_type": "qwen2",
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 56,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "hidden_act": "silu",
}
VISION = {"hidden_size": 1280, "depth": 32}
#: As gemma-3-4b-it's file has it, in which the text part leaves out what its class has by default.
GEMMA = {
    "model_type": "gemma3",
    "architectures": ["Gemma3ForConditionalGeneration"],
    "text_config": {
        "model_type": "gemma3_text",
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 34,
        "sliding_window": 1024,
    },
    "vision_config": VISION,
}


def whole(family: str = "internvl", **changes: Any) -> dict[str, Any]:
    architectures = {"architectures": ["AnyForConditionalGeneration"]}
    return {"model_type": family, "text_config": TEXT, "vision_config": VISION} | architectures | changes


def test_the_text_model_is_read_as_alone_and_the_source_says_what_is_left_out() -> None:
    alone, part = spec_from_config(TEXT, "mine"), spec_from_config(whole(), "mine")
    assert part.source == "config.json of mine (internvl): its text model, without what sees or hears"
    assert part == alone.model_copy(update={"source": part.source})


def test_every_text_part_is_of_a_family_that_is_read() -> None:
    assert set(SEVERAL_PARTS.values()) <= set(FAMILIES)
    assert not set(SEVERAL_PARTS) & set(FAMILIES)


def test_what_a_part_leaves_out_is_its_class_s_default() -> None:
    spec = spec_from_config(GEMMA)
    assert (spec.parameters, spec.family) == (3_880_263_168, "gemma3_text")
    llava = {"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32064}}
    assert spec_from_config(llava).parameters == 6_738_415_616 + 2 * 64 * 4096
    with pytest.raises(AhasdError, match="'num_attention_heads' is missing"):
        spec_from_config(
            {"model_type": "internvl", "text_config": {"model_type": "qwen2", "hidden_size": 32}}
        )


def test_a_tied_head_is_the_part_s_matter_before_it_is_the_whole_s() -> None:
    assert spec_from_config(whole(tie_word_embeddings=True)).tied_embeddings
    own = TEXT | {"tie_word_embeddings": False}
    assert not spec_from_config(whole(text_config=own, tie_word_embeddings=True)).tied_embeddings
    # A cap that is said to be none is none, not the default.
    uncapped = {"model_type": "gemma2", "head_dim": 8, "final_logit_softcapping": None, "sliding_window": 8}
    assert not spec_from_config(whole("paligemma", text_config=TEXT | uncapped)).logit_soft_cap


def test_a_text_part_with_a_name_of_its_own_has_the_tokenizer_of_the_family_that_it_is() -> None:
    named = TEXT | {"model_type": "qwen2_5_vl_text", "vocab_size": 151936}
    spec = spec_from_config(whole("qwen2_5_vl", text_config=named))
    assert (spec.family, spec.tokenizer) == ("qwen2", "qwen2")


def test_earlier_files_that_state_all_side_by_side_are_read_too() -> None:
    flat = {**TEXT, "model_type": "qwen2_vl", "vision_config": VISION, "architectures": ["Qwen2VLForAny"]}
    assert spec_from_config(flat).parameters == spec_from_config(TEXT).parameters


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (whole(text_config=None), "'text_config' of a 'internvl' must hold the text model's fields"),
        (whole(text_config=TEXT | {"num_experts": 8}), "mixture of experts"),
        (whole(text_config=TEXT | {"model_type": "zamba2"}), "linear-attention"),
        (whole("unheard_of"), "several parts"),
    ],
)
def test_what_is_no_plain_text_model_is_refused(contents: dict[str, Any], message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        spec_from_config(contents)


def test_weights_of_the_other_parts_are_not_held_against_the_text_model(tmp_path: Any) -> None:
    np, save = pytest.importorskip("numpy"), pytest.importorskip("safetensors.numpy").save_file
    elements = spec_from_config(TEXT).parameters
    (tmp_path / "config.json").write_text(json.dumps(whole()))
    tensors = {
        "language_model.model.layers.0.all": np.zeros(elements - 5, np.float16),
        "language_model.lm_head.weight": np.zeros(5, np.float16),
        "vision_tower.encoder.weight": np.zeros(77, np.float16),
    }
    save(tensors, tmp_path / "model.safetensors")
    assert spec_from_config(tmp_path).parameters == elements
    save(tensors | {"language_model.model.more": np.zeros(1, np.float16)}, tmp_path / "model.safetensors")
    with pytest.raises(
        AhasdError, match=f"{elements:,} parameters .* the weights beside it are {elements + 1:,}"
    ):
        spec_from_config(tmp_path)


def test_transformers_builds_text_models_of_as_many_parameters() -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    for family in (
        "gemma3",
        "gemma4",
        "qwen2_5_vl",
        "qwen3_vl",
        "glm4v",
        "mistral3",
        "paligemma",
        "idefics3",
    ):
        config = transformers.AutoConfig.for_model(family)
        with torch.device("meta"):
            model = transformers.AutoModelForMultimodalLM.from_config(config)
        parts = [
            part
            for name, part in model.named_modules()
            if name in ("model.language_model", "model.text_model")
        ]
        built = sum(parameter.numel() for parameter in parts[0].parameters())
        spec = spec_from_config(config.to_dict())
        head = 0 if spec.tied_embeddings else spec.vocabulary_size * spec.hidden_size
        assert spec.parameters == built + head, family
