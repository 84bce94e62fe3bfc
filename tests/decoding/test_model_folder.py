"""Folders that someone else made: no code of theirs runs, no weight is drawn at random, damage is named."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.models.model_folder import check_files, naming
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.errors import AhasdError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny draft, to damage."""
    return Path(shutil.copytree(draft_path("plain"), tmp_path / "model"))


def change(folder: Path, name: str, **fields: Any) -> None:
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(document | fields))


def change_weights(folder: Path, edit: Callable[[dict[str, torch.Tensor]], None]) -> None:
    path = folder / "model.safetensors"
    weights = safetensors.torch.load_file(path)
    edit(weights)
    safetensors.torch.save_file(weights, path, {"format": "pt"})


CODE = """
from pathlib import Path
Path({sign!r}).write_text("ran")
from transformers import LlamaConfig, LlamaForCausalLM
class TheirConfig(LlamaConfig):
    model_type = "theirs"
class TheirModel(LlamaForCausalLM):
    config_class = TheirConfig
"""


@pytest.fixture
def foreign(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with code of its own, which leaves a sign when it runs, and a user who says yes to all."""
    sign = folder.parent / "sign"
    (folder / "theirs.py").write_text(CODE.format(sign=str(sign)))
    auto_map = {"AutoConfig": "theirs.TheirConfig", "AutoModelForCausalLM": "theirs.TheirModel"}
    change(folder, "config.json", model_type="theirs", auto_map=auto_map)
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(folder.parent / "modules"))
    return sign


def test_code_in_a_folder_does_not_run(folder: Path, foreign: Path) -> None:
    for load in (load_language_model, SpeculativeDecoder):
        with pytest.raises(AhasdError, match=r"model .*code of its own.*--trust-remote-code"):
            load(folder)
        assert not foreign.exists()


def test_code_in_a_folder_runs_where_that_is_allowed(folder: Path, foreign: Path) -> None:
    load_language_model(folder, trust_remote_code=True)
    assert foreign.read_text() == "ran"


def test_code_of_a_tokenizer_does_not_run(folder: Path, foreign: Path) -> None:
    for name in ("config.json", "tokenizer_config.json"):
        shutil.copy(draft_path("plain") / name, folder / name)
    change(
        folder,
        "tokenizer_config.json",
        tokenizer_class="TheirTokenizer",
        auto_map={"AutoTokenizer": ["theirs.TheirTokenizer", None]},
    )
    with pytest.raises(AhasdError, match="code of its own"):
        load_language_model(folder)
    assert not foreign.exists()


def test_a_weight_that_is_missing_is_named_and_not_drawn(folder: Path) -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    change_weights(folder, lambda weights: weights.pop(name))
    with pytest.raises(AhasdError, match=f"lacks the weights {name}"):
        load_language_model(folder)


def test_parts_of_a_checkpoint_that_are_missing_are_named(folder: Path) -> None:
    model = load_language_model(folder).model
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="200KB")
    parts = sorted(folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    load_language_model(folder)
    weights = safetensors.torch.load_file(parts[-1])
    name, weight = weights.popitem()
    safetensors.torch.save_file(weights, parts[-1], {"format": "pt"})
    with pytest.raises(AhasdError, match=f"lacks the weights {name}"):
        load_language_model(folder)
    safetensors.torch.save_file(weights | {name: weight[:1]}, parts[-1], {"format": "pt"})
    with pytest.raises(AhasdError, match=f"model {folder}"):
        load_language_model(folder)
    parts[-1].unlink()
    with pytest.raises(AhasdError, match=f"model {folder}.*{parts[-1].name}"):
        load_language_model(folder)


def test_tied_weights_are_not_missing(folder: Path) -> None:
    assert "lm_head.weight" not in safetensors.torch.load_file(folder / "model.safetensors")
    assert load_language_model(folder).model.config.tie_word_embeddings
    change(folder, "config.json", tie_word_embeddings=False)
    with pytest.raises(AhasdError, match=r"lacks the weights lm_head\.weight"):
        load_language_model(folder)


def test_layers_that_the_configuration_does_not_count_are_not_left_out(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(target_path(), tmp_path / "model"))
    layers = load_language_model(folder).model.config.num_hidden_layers
    change(folder, "config.json", num_hidden_layers=layers - 1)
    with pytest.raises(AhasdError, match=rf"does not count: model\.layers\.{layers - 1}\."):
        load_language_model(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_weight_that_is_no_number_is_named(folder: Path, value: float) -> None:
    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights["model.norm.weight"][3] = value

    change_weights(folder, spoil)
    with pytest.raises(AhasdError, match=r"infinite or not numbers: model\.norm\.weight"):
        load_language_model(folder)


def test_logits_that_are_no_numbers_are_refused(folder: Path) -> None:
    def grow(weights: dict[str, torch.Tensor]) -> None:
        weights["model.norm.weight"].fill_(60000.0)
        weights["model.embed_tokens.weight"].mul_(1000.0)

    change_weights(folder, grow)
    with pytest.raises(AhasdError, match="logits are not numbers"):
        load_language_model(folder, dtype="float16")


#: Values that a field of a configuration does not have.
WRONG = (-1, 0, 3.5, 10**9, 10**400, "x", None, [], {}, [[1]], True, "../../etc", 1e308)


def _loads_or_says_why(folder: Path, prompt: str = "def f(x):") -> None:
    """Loading and decoding end well, or in an error of ours that names the model."""
    try:
        with SpeculativeDecoder(target_path(), folder) as decoder:
            tokens = decoder.target.tokenizer(prompt)["input_ids"]
            decoder.generate([tokens], max_new_tokens=4, seed=0)
    except AhasdError:
        return


def _fields(name: str) -> list[str]:
    return sorted(json.loads((draft_path("plain") / name).read_text()))


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "tokenizer_config.json"])
def test_one_damaged_field_is_an_error_or_does_not_matter(folder: Path, name: str) -> None:
    original = (folder / name).read_text()
    fields = _fields(name)
    for number, field in enumerate(fields):
        # Every field once in each run of the tests, with values that go round.
        for value in (WRONG[number % len(WRONG)], WRONG[(number + 5) % len(WRONG)]):
            document = json.loads(original) | {field: value}
            (folder / name).write_text(json.dumps(document))
            _loads_or_says_why(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "tokenizer_config.json"])
def test_any_damaged_field_is_an_error_or_does_not_matter(folder: Path, name: str) -> None:
    original = (folder / name).read_text()
    for field in _fields(name):
        for value in WRONG:
            (folder / name).write_text(json.dumps(json.loads(original) | {field: value}))
            _loads_or_says_why(folder)


@pytest.mark.parametrize(
    "name",
    ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors", "generation_config.json"],
)
@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"\xff\xfe", b"{", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"],
    ids=repr,
)
def test_a_damaged_file_is_an_error_that_names_the_model(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(AhasdError, match=r"model .*model"):
        load_language_model(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors", "notes"])
def test_pipes_and_devices_are_not_opened(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(AhasdError, match=f"{name}.*pipe"):
        load_language_model(folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(AhasdError, match=f"{name}.*device"):
        load_language_model(folder)


def test_a_model_of_a_billion_layers_is_refused_before_it_is_built(folder: Path) -> None:
    change(folder, "config.json", num_hidden_layers=10**9)
    with pytest.raises(AhasdError, match=r"config\.json: num_hidden_layers is 1000000000; no model has more"):
        check_files(folder)


@pytest.mark.parametrize("field", ["hidden_size", "intermediate_size", "vocab_size"])
def test_sizes_that_the_weights_do_not_have_are_refused_before_memory_is_taken(
    folder: Path, field: str
) -> None:
    change(folder, "config.json", **{field: 10**9})
    with pytest.raises(
        AhasdError, match=r"config\.json describes [\d,]+ parameters, and the files hold [\d,]+ bytes"
    ):
        load_language_model(folder)


def test_the_end_of_the_process_is_no_error_of_a_library() -> None:
    for ending in (KeyboardInterrupt, SystemExit):
        with pytest.raises(ending), naming("model x: cannot be loaded"):
            raise ending
    with (
        pytest.raises(AhasdError, match=r"^model x: cannot be loaded \(RecursionError: too deep\)$"),
        naming("model x: cannot be loaded"),
    ):
        raise RecursionError("too\n  deep")
