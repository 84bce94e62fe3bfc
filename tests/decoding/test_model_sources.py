"""Models from folders, from memory and from transformers, on the device and in the type that is asked for."""

from pathlib import Path

import pytest
import torch
from transformers.utils import logging

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.model_sources import take_model
from ahasd.decoding.tiny_pair import target_path
from ahasd.errors import AhasdError


def test_a_folder_is_loaded_in_single_precision_on_a_cpu_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert take_model(target_path(), "target").model.dtype is torch.float32
    assert take_model(str(target_path()), "target", dtype="bfloat16").model.dtype is torch.bfloat16
    assert take_model(target_path(), "target", dtype="auto").model.dtype is torch.float16  # as it is stored


def test_a_loaded_model_stays_as_it_is_unless_told_otherwise(small_models):
    model = small_models.random_model()
    model.model.to(torch.float64)
    for asked in ({}, {"device": "cpu"}, {"dtype": "auto"}):
        taken = take_model(model, "target", **asked)
        assert taken.model is model.model
        assert taken.model.dtype is torch.float64
        assert taken.name == "random"
    assert take_model(model, "target", dtype="float32").model.dtype is torch.float32


def test_a_model_of_transformers_is_called_by_its_role_and_made_to_evaluate(small_models):
    bare = small_models.random_model().model.train()
    taken = take_model(bare, "draft", tokenizer="a tokenizer")
    assert (taken.name, taken.tokenizer) == ("draft", "a tokenizer")
    assert not taken.model.training


def test_a_tokenizer_is_the_models_own_unless_one_is_given(target):
    assert take_model(target, "target").tokenizer is target.tokenizer
    assert take_model(target, "target", tokenizer="another").tokenizer == "another"


@pytest.mark.parametrize("missing", ["config.json", "tokenizer_config.json"])
def test_a_folder_that_lacks_a_part_is_refused_by_its_name(tmp_path: Path, missing):
    for name in {"config.json", "tokenizer_config.json"} - {missing}:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(AhasdError, match=f"holds no .*{missing} is missing"):
        load_language_model(tmp_path)


def test_a_file_is_not_a_folder_and_a_broken_folder_says_why(tmp_path: Path):
    for name in ("config.json", "tokenizer_config.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(AhasdError, match=r"config\.json: not a folder"):
        load_language_model(tmp_path / "config.json")
    bars = logging.is_progress_bar_enabled()
    with pytest.raises(AhasdError, match="transformers cannot load it"):
        load_language_model(tmp_path)
    assert logging.is_progress_bar_enabled() == bars


def test_what_a_model_says_of_itself(small_models):
    model = small_models.random_model(vocabulary=61, max_position_embeddings=77, eos_token_id=[3, 5])
    assert (model.vocabulary_size, model.context_limit, model.end_tokens) == (61, 77, {3, 5})
    assert small_models.random_model(eos_token_id=4).end_tokens == {4}
    assert small_models.random_model().end_tokens == frozenset()
