"""The heads of SmolLM2 that come with ahasd: small, with a record of how good they are."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from safetensors import safe_open

from ahasd.decoding.models.find_model import PACKAGED

FOLDER = Path(str(files("ahasd.decoding.smollm2_heads")))


def record(name):
    return json.loads((FOLDER / name / "training.json").read_text())


def test_they_are_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 6e6


@pytest.mark.parametrize("name", ["one_layer", "medusa"])
def test_their_record_says_what_they_derive_from(name):
    _, _, sha256, licence = PACKAGED["smollm2-135m"]
    assert record(name)["target"] == {"name": "smollm2-135m", "sha256": sha256, "licence": licence}


@pytest.mark.parametrize("name", ["one_layer", "medusa"])
def test_they_hold_none_of_the_target_s_rows(name):
    with safe_open(next((FOLDER / name).glob("*.safetensors")), framework="pt") as file:
        shapes = [file.get_slice(key).get_shape() for key in file.keys()]  # noqa: SIM118 (no mapping)
    # Embeddings and output rows have one row for every token.
    assert all(len(shape) == 1 or max(shape) <= 3 * 576 for shape in shapes)


def test_the_draft_of_one_layer_knows_more_than_one_that_does_not_see_the_target_s_states():
    first = record("one_layer")["held_out_acceptance_by_step"][0]
    draft = json.loads((Path(str(files("ahasd.decoding.smollm2_draft"))) / "training.json").read_text())
    without = draft["held_out_acceptance_of_first_tokens"]
    assert first["greedy"] > without["greedy"]
    assert first["sampled"] > without["sampled"]


def test_what_heads_are_said_to_guess_falls_with_rank():
    for name in ("one_layer", "medusa"):
        document = json.loads(
            next(each for each in (FOLDER / name).glob("*.json") if "training" not in each.name).read_text()
        )
        accuracy = document["accuracy"]
        assert accuracy[0][0] == max(accuracy[0])
        assert all(sum(row) < 1 for row in accuracy)
