"""From what a user calls a model to where it lies."""

import importlib.machinery
import shutil

import huggingface_hub.constants
import pytest

from ahasd.decoding.models import find_model as finding
from ahasd.decoding.models.find_model import PACKAGED, find_model
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.tiny_pair import target_path
from ahasd.errors import AhasdError


def test_a_folder_is_itself(tmp_path):
    assert find_model(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", PACKAGED)
def test_a_name_whose_package_is_missing_says_how_to_get_it(monkeypatch, name):
    monkeypatch.setattr(finding, "find_spec", lambda package: None)
    with pytest.raises(AhasdError, match=rf"model {name}: .*make models, or: pip install"):
        find_model(name)


@pytest.mark.parametrize("name", PACKAGED)
def test_a_name_is_the_file_that_its_package_brings(monkeypatch, tmp_path, name):
    package, file, _, _ = PACKAGED[name]
    spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(finding, "find_spec", lambda asked: spec if asked == package else None)
    with pytest.raises(AhasdError, match="not installed"):
        find_model(name)
    (tmp_path / file).touch()
    assert find_model(name) == tmp_path / file


def test_an_id_of_the_hub_is_taken_from_the_local_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(AhasdError, match="get it first: hf download someone/tiny"):
        load_language_model("someone/tiny")
    repository = tmp_path / "models--someone--tiny"
    shutil.copytree(target_path(), repository / "snapshots" / "0123abcd")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abcd")
    assert load_language_model("someone/tiny").name == "tiny"


@pytest.mark.parametrize("name", ["nowhere", "../b", "a/b/c"])
def test_what_is_no_model_is_an_error_with_the_names_there_are(name, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(AhasdError, match=r"no such folder, \.gguf file or name \(smollm2-135m"):
        find_model(name)
