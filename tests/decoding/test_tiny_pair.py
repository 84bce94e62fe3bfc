"""The pair that comes with the package is a real one."""

import importlib
import json
import sys
from collections import Counter

import numpy as np
import pytest
import torch

from ahasd.decoding.recording.stdlib_corpus import is_held_out, read_sources, source_files
from ahasd.decoding.tiny_pair import draft_path, load_tiny_pair, target_path
from ahasd.errors import AhasdError, UnknownNameError


@pytest.fixture(scope="module")
def held_out(target):
    """Windows of 128 tokens spread over the held-out files."""
    windows = []
    for text in read_sources(source_files(held_out=True)):
        ids = target.tokenizer(text, verbose=False)["input_ids"]
        windows.extend(ids[start : start + 128] for start in range(0, len(ids) - 128, 1024))
    return np.asarray(windows[:96])


def loss(model, windows):
    with torch.inference_mode():
        tokens = torch.from_numpy(windows)
        return float(model.model(tokens, labels=tokens).loss)


def test_models_beat_a_unigram_model_by_far_and_the_target_beats_its_drafts(target, draft, held_out):
    # The unigram model even sees the very windows it is measured on.
    counts = np.array(list(Counter(held_out.ravel().tolist()).values())) / held_out.size
    unigram = float(-(counts * np.log(counts)).sum())
    _, plain = load_tiny_pair("plain")
    assert loss(target, held_out) < loss(draft, held_out) < loss(plain, held_out) < unigram - 1.0


def test_losses_are_those_of_the_training_record(target, draft, held_out):
    record = json.loads((target_path().parent / "training.json").read_text())
    losses = record["held_out_loss_nats_per_token"]
    # Another sample of the files, shorter windows and perhaps another Python: near, not equal.
    assert loss(target, held_out) == pytest.approx(losses["target"], abs=0.35)
    assert loss(draft, held_out) == pytest.approx(losses["draft"], abs=0.35)


def test_weights_are_small():
    folder = target_path().parent
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 4_000_000


def test_the_three_models_share_one_tokenizer():
    tokenizers = {
        (folder / "tokenizer.json").read_bytes()
        for folder in (target_path(), draft_path("distilled"), draft_path("plain"))
    }
    assert len(tokenizers) == 1


def test_text_survives_the_tokenizer(target):
    text = 'def naïve(x):\n\treturn f"{x!r} → ∞"  # 漢字\n'
    assert target.tokenizer.decode(target.tokenizer(text)["input_ids"]) == text


def test_an_unknown_draft_is_named():
    with pytest.raises(UnknownNameError, match=r"unknown tiny draft 'distiled'. Did you mean 'distilled'"):
        draft_path("distiled")


def test_the_split_is_by_path_and_leaves_tests_out():
    held_out, training = source_files(held_out=True), source_files(held_out=False)
    assert not set(held_out) & set(training)
    assert 0.02 < len(held_out) / len(training) < 0.1
    assert not any("test" in path.parts or "site-packages" in path.parts for path in held_out + training)
    # Fixed for ever: these paths decide what the shipped weights have not seen.
    assert [is_held_out(name) for name in ("traceback.py", "opcode.py", "json/decoder.py")] == [
        True,
        True,
        False,
    ]


def test_a_library_without_sources_is_refused(tmp_path):
    with pytest.raises(AhasdError, match="no standard-library sources"):
        source_files(held_out=True, root=tmp_path)


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_a_missing_backend_says_how_to_install_it(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "ahasd.decoding.backend", raising=False)
    with pytest.raises(AhasdError, match=r"pip install -c constraints.txt torch==2.13.0"):
        importlib.import_module("ahasd.decoding.backend")


def test_a_pair_that_is_not_installed_as_files_is_told():
    from ahasd.decoding import tiny_pair

    with pytest.raises(AhasdError, match=r"the tiny pair is not at .*no-such-folder"):
        tiny_pair._folder("no-such-folder")


@pytest.mark.parametrize("package", ["ahasd.decoding", "ahasd.decoding.asynchronous"])
def test_a_package_has_what_it_names_and_nothing_else(package):
    import importlib

    module = importlib.import_module(package)
    for name in module.__all__:
        assert getattr(module, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        module.nothing  # noqa: B018
