"""``list``, ``hardware show``, ``trace info`` and ``synth``, ``--version`` and ``--help``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import ahasd as package
from ahasd.systems.families import load_system

Succeeds = Callable[..., str]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "models",
            "opt-1.3b opt-6.7b llama2-7b llama2-13b sheared-llama-1.3b palm-like-8b palm-like-30b palm-like-62b "
            "llama-3.2-1b llama-3.1-8b qwen2.5-0.5b qwen2.5-7b smollm2-135m tiny-draft tiny-target",
        ),
        (
            "systems",
            "npu-autoregressive npu npu-pim-async npu-pim-async+aau npu-pim-async+aau+edc ahasd pim-autoregressive",
        ),
        ("speech", "whisper-tiny.en whisper-base whisper-large-v3 distil-large-v3"),
        ("systems", "whisper speculative-speech specasr specasr-tree"),
        (
            "traces",
            "smollm2-135m-2k whisper-base-draft-real whisper-tiny.en-base-real synthetic-speech:agreement=A,doubt=D",
        ),
        ("hardware", "module-mac module-op rank-compute rank-both lpddr5"),
        ("algorithms", "fixed svip adaedl none"),
        (
            "traces",
            "tiny-plain-greedy tiny-plain-sampled tiny-distilled-greedy tiny-distilled-sampled "
            "synthetic:acceptance=A,auc=B",
        ),
        ("claims", "ahasd-gpu-throughput-peak ahasd-switching ahasd-area-share specpim-speed-gpu"),
    ],
)
def test_list_names_and_describes(succeeds: Succeeds, kind: str, names: str) -> None:
    lines = [line.split(maxsplit=1) for line in succeeds("list", kind).splitlines()]
    assert all(len(line) == 2 and line[1].strip() for line in lines)
    assert {line[0] for line in lines} >= set(names.split())


@pytest.mark.slow
def test_every_listed_system_and_algorithm_runs(succeeds: Succeeds, short: list[str]) -> None:
    experts = "synthetic-routing:experts=8,top=2,layers=4,tokens=24,prompts=1"
    short_of = {
        "speculation": short,
        "experts": ["--routing", experts, "--hardware", "a6000-xeon"],
        "sparse_attention": ["--context", "4k", "--tokens", "4"],
        "speech": ["--trace", "synthetic-speech:tokens=3,clips=1"],
    }
    heads = ["--trace", "synthetic-tree:positions=400", "--tokens", "24"]
    for line in succeeds("list", "systems").splitlines():
        system = load_system(line.split()[0])
        given = heads if getattr(system, "schedule", "") == "tree" else short_of[system.family]
        written = json.loads(succeeds("run", *given, "--system", line.split()[0], "--json"))["tokens"]
        assert written == (24 if system.family == "speculation" else 4)
    for line in succeeds("list", "algorithms").splitlines():
        name = line.split()[0]
        given = f"{name}:4" if name == "fixed" else name
        assert (
            json.loads(succeeds("run", *short, "--algorithm", given, "--json"))["speculation"]["algorithm"]
            == given
        )


@pytest.mark.parametrize("preset", ["module-mac", "lpddr5"])
def test_hardware_show_round_trip(succeeds: Succeeds, short: list[str], tmp_path: Path, preset: str) -> None:
    shown = succeeds("hardware", "show", preset)
    (tmp_path / "mine.yaml").write_text(shown)
    assert succeeds("hardware", "show", "mine.yaml") == shown
    options = ["run", *short, "--system", "npu", "--json", "--hardware"]
    assert succeeds(*options, "mine.yaml") == succeeds(*options, preset)


def test_hardware_show_gives_every_constant_a_source(succeeds: Succeeds) -> None:
    shown = succeeds("hardware", "show", "rank-compute")
    assert shown.count("value:") == shown.count("source:") > 30
    assert "not stated" not in shown


def test_an_edited_hardware_file_changes_the_result(
    succeeds: Succeeds, short: list[str], tmp_path: Path
) -> None:
    shown = succeeds("hardware", "show", "module-mac")
    edited = shown.replace("    value: 12.8\n", "    value: 25.6\n")
    assert edited != shown
    (tmp_path / "mine.yml").write_text(edited)
    options = ["run", *short, "--system", "npu", "--json"]
    fast = json.loads(succeeds(*options, "--hardware", "mine.yml"))
    slow = json.loads(succeeds(*options))
    assert fast["tokens_per_second"] > 1.5 * slow["tokens_per_second"]


def test_trace_synth_then_info(succeeds: Succeeds, tmp_path: Path) -> None:
    said = succeeds(
        "trace", "synth", "--output", "a.safetensors", "--acceptance", 0.75, "--positions", 500, "--steps", 20,
        "--prompts", 5,
    )  # fmt: skip
    assert "500 positions x 20 steps" in said
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
    info = succeeds("trace", "info", "a.safetensors")
    assert "500 in 5 prompts, 20 drafted tokens each" in info
    assert "0.750" in info
    assert "sha256" in info


def test_a_trace_file_runs_as_its_text_does(succeeds: Succeeds, tmp_path: Path) -> None:
    succeeds("trace", "synth", "--output", "a.safetensors", "--positions", 500)
    options = ["run", "--tokens", 24, "--system", "npu", "--json", "--trace"]
    from_file = json.loads(succeeds(*options, "a.safetensors"))
    from_text = json.loads(succeeds(*options, "synthetic:acceptance=0.8,auc=0.7,positions=500"))
    assert from_file["seconds"] == from_text["seconds"]
    assert from_file["reproduce"]["trace_sha256"] == from_text["reproduce"]["trace_sha256"]


def test_the_default_trace_is_a_real_models(succeeds: Succeeds) -> None:
    result = json.loads(succeeds("run", "--tokens", 24, "--json"))
    assert result["reproduce"]["trace"] == "smollm2-135m-4bit-chat-sampled"
    assert "costs are those of llama2-7b:llama2-13b" in result["acceptance_from"]


def test_version(succeeds: Succeeds) -> None:
    assert succeeds("--version") == f"ahasd {package.__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "compare",
        "list",
        "hardware",
        "hardware show",
        "trace",
        "trace info",
        "trace synth",
        "trace record",
        "ablation",
        "claims",
        "sensitivity",
        "study control",
        "generate",
        "bench",
        "predict",
        "cost",
        "rtl emit",
        "rtl synth",
    ],
)
def test_help(succeeds: Succeeds, command: str) -> None:
    text = succeeds(*command.split(), "--help")
    assert "Usage" in text
    assert "--help" in text


def test_a_speech_trace_is_told_in_numbers(succeeds: Succeeds) -> None:
    text = succeeds("trace", "info", "whisper-tiny.en-base-real")
    assert text.startswith("whisper-tiny.en writes ")
    assert "24, truncated at 0.5      19 rounds" in text
    assert succeeds("trace", "info", "synthetic-speech:agreement=1").startswith("made-up writes 100.0%")
