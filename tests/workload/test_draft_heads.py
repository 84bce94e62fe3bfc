"""Draft heads from their configurations: which they are, what a token reads of them, what is not known."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.draft_heads import draft_head, is_draft_head

H, F, V, R = 4096, 14336, 128256, 32000
LAYER = {
    "hidden_size": H,
    "intermediate_size": F,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 1,
    "vocab_size": V,
}
EAGLE = {**LAYER, "architectures": ["LlamaForCausalLM"], "model_type": "llama"}
EAGLE3 = {**EAGLE, "draft_vocab_size": R}
MEDUSA = {"model_type": "medusa", "hidden_size": H, "vocab_size": V, "num_heads": 3, "num_hidden_layers": 1}
DFLASH = {
    **LAYER,
    "architectures": ["DFlashDraftModel"],
    "num_hidden_layers": 5,
    "dflash_config": {"target_layer_ids": [1, 9, 17, 25, 33]},
}
#: Of a layer of this shape: what follows attention, and keys and values of a token.
OUTWARDS, KEPT = 4096 * H + 3 * H * F, 8 * 128


def read(configuration: dict[str, Any]) -> Any:
    return draft_head(configuration, "config.json")


def test_eagle_runs_one_layer_and_the_targets_output_layer_for_every_token() -> None:
    head = read(EAGLE)
    layer = H * (4096 + 2 * KEPT) + OUTWARDS + 2 * H * H
    assert head.kind == "eagle"
    assert head.step_parameters == layer + V * H
    assert head.stored_parameters == layer


def test_eagle3_has_a_reduced_vocabulary_of_its_own_and_joins_three_states_once_a_round() -> None:
    head = read(EAGLE3)
    layer = 2 * H * (4096 + 2 * KEPT) + OUTWARDS
    assert head.kind == "eagle3"
    assert head.vocabulary == R
    assert head.step_parameters == layer + R * H
    assert head.stored_parameters == layer + R * H + 3 * H * H
    assert head.cached_elements == 2 * KEPT


def test_medusa_has_a_block_and_an_output_layer_a_token() -> None:
    head = read(MEDUSA)
    assert head.kind == "medusa"
    assert head.step_parameters == H * H + V * H
    assert head.stored_parameters == 3 * head.step_parameters


def test_a_block_drafter_runs_all_its_layers_once() -> None:
    head = read(DFLASH)
    layer = H * (4096 + 2 * KEPT) + OUTWARDS
    assert head.kind == "dflash"
    assert head.step_parameters == 5 * layer + V * H + 5 * H * H


def test_speculators_files_keep_the_shapes_inside() -> None:
    wrapped = {"speculators_model_type": "eagle3", "draft_vocab_size": R, "transformer_layer_config": LAYER}
    assert read(wrapped) == read(EAGLE3)


@pytest.mark.parametrize("configuration", [EAGLE, EAGLE3, MEDUSA, DFLASH])
def test_heads_are_told_from_models(configuration: dict[str, Any]) -> None:
    assert is_draft_head(configuration)


def test_models_are_no_heads() -> None:
    assert not is_draft_head({**EAGLE, "num_hidden_layers": 32})
    assert not is_draft_head({**EAGLE, "draft_head": False})
    assert not is_draft_head({**EAGLE, "hidden_size": 256})


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"architectures": ["HydraForCausalLM"]}, "nearest is 'medusa'"),
        ({"model_type": "deepseek_mtp"}, "nearest is 'eagle'"),
        ({"architectures": ["DSparkDraftModel"]}, "nearest is 'dflash'"),
        ({"medusa_num_heads": 2, "medusa_num_layers": 1}, "add the target's two figures"),
        ({**EAGLE, "intermediate_size": None}, "field 'intermediate_size' is missing"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(configuration: dict[str, Any], message: str) -> None:
    assert is_draft_head(configuration)
    with pytest.raises(AhasdError, match=message):
        read(configuration)
