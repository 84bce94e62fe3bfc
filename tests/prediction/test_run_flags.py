"""Commands that run a plan: the shape of the options of each program."""

import json
import shlex

import pytest

from ahasd.prediction.from_figures.run_flags import Choice, run_command
from ahasd.prediction.from_figures.setting import METHODS, DraftMethod
from ahasd.workload.readers.draft_heads import HeadKind


def words(
    runtime: str, method: DraftMethod | None, target: str = "t.gguf", draft: str | None = "d.gguf"
) -> list[str]:
    command = run_command(runtime, Choice(method, 5, target, draft, 8192))
    assert command is not None
    return shlex.split(command)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (None, []),
        ("draft-model", ["--spec-type", "draft-simple", "-md", "d.gguf", "--spec-draft-n-max", "5"]),
        ("mtp", ["--spec-type", "draft-mtp", "--spec-draft-n-max", "5"]),
        ("eagle", ["--spec-type", "draft-eagle3", "-md", "d.gguf", "--spec-draft-n-max", "5"]),
        ("dflash", ["--spec-type", "draft-dflash", "-md", "d.gguf", "--spec-draft-n-max", "5"]),
        ("ngram", ["--spec-type", "ngram-simple", "--spec-ngram-simple-size-m", "5"]),
    ],
)
def test_llama_server(method: DraftMethod | None, options: list[str]) -> None:
    assert words("llama.cpp vulkan", method) == ["llama-server", "-m", "t.gguf", "-c", "8192", *options]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "layer-skip"])
def test_vllm_takes_json_with_its_own_names(method: DraftMethod) -> None:
    found = words("vLLM", method, "Qwen/Qwen3-8B", "Qwen/Qwen3-0.6B")
    assert found[:6] == ["vllm", "serve", "Qwen/Qwen3-8B", "--max-model-len", "8192", "--speculative-config"]
    options = json.loads(found[6])
    assert options["num_speculative_tokens"] == 5
    names = {"draft-model": "draft_model", "eagle": "eagle3"}
    assert options["method"] == names.get(method, method)
    assert ("model" in options) == (method not in ("mtp", "ngram"))
    assert ("prompt_lookup_max" in options) == (method == "ngram")


def test_mlx_drafts_with_a_model_alone() -> None:
    found = words("mlx-lm", "draft-model", "a/b", "c/d")
    assert found[-4:] == ["--draft-model", "c/d", "--num-draft-tokens", "5"]
    assert "--draft-model" not in words("mlx-lm", None, "a/b")
    assert run_command("mlx-lm", Choice("mtp", 1, "a/b", None, 4096)) is None


@pytest.mark.parametrize(
    ("head", "llama", "vllm"),
    [("eagle", None, "eagle"), ("eagle3", "draft-eagle3", "eagle3"), ("medusa", None, "medusa")],
)
def test_kinds_of_heads_that_cost_the_same_are_told_apart(
    head: HeadKind, llama: str | None, vllm: str
) -> None:
    choice = Choice("eagle", 3, "t.gguf", "d.gguf", 4096, head)
    command = run_command("llama.cpp", choice)
    assert command is None if llama is None else f"--spec-type {llama} " in str(command)
    assert f'"method": "{vllm}"' in str(run_command("vLLM", choice))


def test_programs_that_take_folders_get_the_folder_of_a_configuration() -> None:
    found = words("vLLM", "draft-model", "models/t/config.json", "models/d")
    assert found[2] == "models/t"
    assert json.loads(found[-1])["model"] == "models/d"


def test_names_that_are_no_files_are_left_for_the_reader_to_fill_in() -> None:
    assert words("llama.cpp", "draft-model", "Qwen2.5-14B", "Qwen2.5-0.5B")[2] == "TARGET.gguf"
    assert "DRAFT.gguf" in words("llama.cpp", "draft-model", "Qwen2.5-14B", "Qwen2.5-0.5B")


def test_what_steers_a_shell_is_quoted() -> None:
    assert words("llama.cpp", None, "my models/a;b.gguf")[2] == "my models/a;b.gguf"


def test_other_programs_have_no_command_here() -> None:
    assert run_command("ExLlama", Choice("ngram", 3, "t", None, 4096)) is None
    assert run_command("llama.cpp", Choice("layer-skip", 3, "t", None, 4096)) is None
