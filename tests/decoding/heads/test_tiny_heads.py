"""The heads of the tiny target: small, known by what their target is, and worth something."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.heads.shipped_heads import MEDUSA, ONE_LAYER, shipped_heads
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.tiny_pair import target_path

FOLDER = Path(str(files("ahasd.decoding.tiny_heads")))
PROMPTS = ["import os\n", "def read(self, path):\n"]


def test_they_are_small_and_say_how_good_they_are():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 4e5
    said = json.loads((FOLDER / "one_layer" / "training.json").read_text())
    assert said["held_out_acceptance_by_step"][0]["sampled"] > 0.6
    said = json.loads((FOLDER / "medusa" / "training.json").read_text())
    shares = said["held_out_share_within_first_candidates"]
    assert [row[-1] for row in shares] == sorted((row[-1] for row in shares), reverse=True)


def test_a_target_is_known_whatever_it_is_called(small_models):
    renamed = load_language_model(target_path(), "somebody's")
    assert list(shipped_heads(renamed)) == [ONE_LAYER, MEDUSA]
    assert shipped_heads(small_models.random_model()) == {}
    renamed.model.model.norm.weight.data[0] += 1
    assert shipped_heads(renamed) == {}


@pytest.mark.parametrize("draft", [None, MEDUSA])
def test_they_change_no_text(target, draft):
    alone = SpeculativeDecoder(target, method="autoregressive").generate(
        [target.tokenizer(text)["input_ids"] for text in PROMPTS], max_new_tokens=32
    )
    decoder = SpeculativeDecoder(target, draft, "tree", "best-first:5")
    ids = [target.tokenizer(text)["input_ids"] for text in PROMPTS]
    found = decoder.generate(ids, max_new_tokens=32, batch_size=2, always_draft=True)
    assert found.new_tokens == alone.new_tokens
    assert found.metrics.accepted > 0
