"""The files of SmolLM2's draft: its own alone, and small."""

import json

from safetensors import safe_open

from ahasd.decoding.models.find_model import PACKAGED, find_model
from ahasd.decoding.models.shared_draft import DOCUMENT, WEIGHTS

FOLDER = find_model("smollm2-135m-draft")


def test_it_holds_layers_of_its_own_and_nothing_of_the_targets():
    with safe_open(FOLDER / WEIGHTS, framework="pt") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 (no mapping)
    width = json.loads((FOLDER / DOCUMENT).read_text())["config"]["hidden_size"]
    assert all(
        name.startswith("model.layers.")
        for name in shapes.keys() - {"model.norm.weight", "named", "into", "out_of"}
    )
    # The target is 576 wide: none of its layers would fit.
    assert shapes["into"] == shapes["out_of"] == [width, 576]
    assert all(max(shape) <= 3 * width for name, shape in shapes.items() if name.startswith("model."))


def test_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 8e6


def test_its_record_says_what_it_derives_from_and_how_good_it_is():
    record = json.loads((FOLDER / "training.json").read_text())
    _, _, sha256, licence = PACKAGED["smollm2-135m"]
    assert record["target"] == {"name": "smollm2-135m", "sha256": sha256, "licence": licence}
    assert licence == "Apache-2.0"
    acceptance = record["held_out_acceptance_of_first_tokens"]
    # More than the text itself repeats, which prompt lookup would find for nothing (docs/real-pair.md).
    assert acceptance["greedy"] > 0.25
    assert acceptance["sampled"] > 0.2
