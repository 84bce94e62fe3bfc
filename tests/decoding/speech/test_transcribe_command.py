"""``ahasd transcribe`` and ``ahasd trace record-speech``: text, sentence and figures, and refusals."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ahasd.cli.app import app
from ahasd.decoding.speech.audio.sound_file import RATE
from ahasd.errors import AhasdError
from ahasd.traces.speech.files import load

soundfile = pytest.importorskip("soundfile")


@pytest.fixture
def sound(tmp_path, noise):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise[0], RATE)
    return str(path)


def run(*words):
    ending = CliRunner().invoke(app, list(words))
    if isinstance(ending.exception, AhasdError):
        raise ending.exception
    assert ending.exit_code == 0, ending.exception
    return ending


def test_the_text_comes_first_and_then_which_way_was_the_fastest_and_why(sound, folders):
    target, draft = str(folders["target"]), str(folders["same"])
    ending = run("transcribe", sound, "--model", target, "--draft", draft, "--threads", "1")
    assert ending.stderr.startswith("Fastest here: ")
    # Where lines are broken hangs on the times in them.
    assert "of it the encoder, which no draft makes faster" in " ".join(ending.stderr.split())
    assert "specasr with same" in ending.stderr
    plain = run("transcribe", sound, "--model", target, "--method", "plain")
    assert plain.stdout == ending.stdout
    assert plain.stderr.startswith("Only plain was run")


def test_one_method_is_counted_over_all_windows(tmp_path, noise, folders):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.resize(noise[0], 40 * RATE), RATE)
    words = ("transcribe", str(path), "--model", str(folders["target"]), "--method", "plain")
    assert "CPU s for 40.0 s of sound" in run(*words).stderr
    (found,) = json.loads(run(*words, "--json").stdout)
    assert len(found["windows"]) == 2
    # Several ways are compared on the first window, whose fastest goes on alone.
    words = (*words[:-2], "--draft", str(folders["same"]))
    assert "of sound" in run(*words).stderr
    assert "CPU s for 40.0 s" not in run(*words).stderr


def test_json_holds_every_part_of_every_method(sound, folders):
    words = (
        "transcribe",
        sound,
        "--model",
        str(folders["target"]),
        "--draft",
        str(folders["same"]),
        "--json",
    )
    (found,) = json.loads(run(*words).stdout)
    (window,) = found["windows"]
    assert [method["method"] for method in window["methods"]] == ["plain", "specasr with same"]
    plain, drafted = window["methods"]
    assert plain["target_passes"] == len(window["tokens"])
    assert drafted["proposed"] == drafted["drafted"] + drafted["reused"] + drafted["branched"]
    assert set(drafted["cpu_s"]) == {"encoder", "draft", "verify"}
    assert window["differing"] == []


def test_silence_is_no_speech(tmp_path, folders):
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    words = (
        "transcribe",
        str(tmp_path / "silent.wav"),
        "--model",
        str(folders["target"]),
        "--method",
        "plain",
    )
    ending = run(*words)
    assert ending.stdout == "(no speech)\n"
    assert ending.stderr.startswith("Nothing was decoded: the sound is silent.")


def test_the_clip_alone_is_named_an_approximation(sound, folders):
    words = ("transcribe", sound, "--model", str(folders["target"]), "--draft", str(folders["same"]))
    ending = run(*words, "--audio-context", "clip")
    assert "Note: --audio-context clip is an approximation, not a lossless way; here" in ending.stderr
    (found,) = json.loads(run(*words, "--audio-context", "clip", "--json").stdout)
    assert found["audio_context"] == "clip"
    assert isinstance(found["text_by_the_whole_context"], str)


def test_a_trace_is_recorded(sound, folders, tmp_path):
    output = tmp_path / "a.safetensors"
    target, draft = str(folders["target"]), str(folders["same"])
    words = ("trace", "record-speech", sound, "-o", str(output), "--clips", "noise", "--model", target)
    ending = run(*words, "--draft", draft, "--steps", "4")
    assert ending.stdout.startswith(f"wrote {output}: 1 clips")
    trace = load(output)
    assert (trace.header.clips, trace.length, trace.header.shared_encoder) == ("noise", 4, False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--language", "fr"), "unknown language of this model 'fr'"),
        (("--method", "fast"), "unknown method 'fast'"),
        (("--threads", "0"), "--threads is 0"),
        (("--method", "speculative", "--draft", "/nowhere"), "no such folder"),
    ],
)
def test_what_cannot_be_done_is_refused(sound, folders, words, message):
    with pytest.raises(AhasdError, match=message):
        run("transcribe", sound, "--model", str(folders["target"]), *words)
