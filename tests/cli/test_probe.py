"""``ahasd probe``: the sentence first, the file, and what it refuses."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.hardware.measured.device_file import read_device

Succeeds = Callable[..., str]
Refusal = Callable[..., str]


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file that a stand-in for llama.cpp's program measures, on a machine without torch."""
    program = tmp_path / "bin" / "llama-batched-bench"
    program.parent.mkdir()
    lines = [
        json.dumps({"pp": 128, "tg": 16, "pl": rows, "t_tg": ms * 16e-3}) for rows, ms in ((1, 10), (8, 17))
    ]
    program.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr("ahasd.prediction.probe.probe.find_spec", lambda name: None)
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    return "small.gguf"


def test_the_sentence_comes_first_and_the_file_is_a_device(
    succeeds: Succeeds, tmp_path: Path, gguf: str
) -> None:
    text = succeeds("probe", "--model", gguf, "--widths", "1,8", "--device", "my box", "-o", "my.yaml")
    assert text.startswith("my box takes 1.70 times as long for 8 rows as for one (small).\n")
    assert "that needs torch" in " ".join(text.split())
    (model,) = read_device(tmp_path / "my.yaml").models
    assert [(time.width, time.context, time.ms) for time in model.times] == [(1, 136, 10.0), (8, 136, 17.0)]


def test_the_json_has_the_sentence_and_the_device(succeeds: Succeeds, gguf: str) -> None:
    document = json.loads(succeeds("probe", "--model", gguf, "--device", "my box", "--json"))
    assert document["sentence"].startswith("my box takes 1.70 times")
    assert document["device"]["device"] == "my box"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--widths", "1,two"), "--widths has 'two'"),
        (("--widths", "0"), "--widths has '0'"),
        (("--seconds", "0"), "--seconds is 0"),
        (("--context", "-1"), "--context is -1"),
        (("--threads", "0"), "--threads is 0"),
        (("--model", "absent.gguf"), "'absent.gguf' does not exist"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    refused: Refusal, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused("probe", *arguments)
