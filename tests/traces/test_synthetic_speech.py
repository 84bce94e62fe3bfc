"""Synthetic speech traces: the agreement that was asked for, in step behind every mistake."""

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.speech.files import holds_speech, load, save
from ahasd.traces.speech.resolve import is_speech, resolve_speech
from ahasd.traces.speech.synthetic import SURE, UNSURE, SyntheticSpeech, make


def test_shares_are_those_that_were_asked_for() -> None:
    trace = make(SyntheticSpeech(agreement=0.8, doubt=0.6, caution=0.1, tokens=200, clips=200))
    words = trace.target != 0
    right = (trace.draft[:, 0] == trace.target)[words]
    unsure = (trace.probability[:, 0] == UNSURE)[words]
    assert right.mean() == pytest.approx(0.8, abs=0.01)
    assert unsure[~right].mean() == pytest.approx(0.6, abs=0.02)
    assert unsure[right].mean() == pytest.approx(0.1, abs=0.01)
    assert set(np.unique(trace.probability)) == {0.0, UNSURE, SURE}


def test_behind_any_prefix_the_draft_writes_the_same_from_a_place_on() -> None:
    trace = make(SyntheticSpeech(agreement=0.5, tokens=30, clips=1))
    for row in range(1, 10):
        assert trace.draft[row - 1, 1:].tolist() == trace.draft[row, :-1].tolist()
    wrong = trace.draft[:, 0] != trace.target
    assert (trace.runner_up[wrong, 0] == trace.target[wrong]).all()
    assert trace.after_runner_up is not None
    assert trace.after_runner_up[:-1, 0].tolist() == trace.draft[1:, 0].tolist()


def test_the_same_settings_give_the_same_trace_and_a_seed_another(tmp_path) -> None:
    first = resolve_speech("synthetic-speech:agreement=0.7", seed=1)
    assert first.sha256 == resolve_speech("synthetic-speech:agreement=0.7,seed=1").sha256
    assert first.sha256 != resolve_speech("synthetic-speech:agreement=0.7", seed=2).sha256
    save(first, tmp_path / "made.safetensors")
    assert holds_speech(tmp_path / "made.safetensors")
    assert is_speech(str(tmp_path / "made.safetensors"))
    assert load(tmp_path / "made.safetensors").sha256 == first.sha256


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("synthetic-speech:agreement=1.5", "agreement is 1.5"),
        ("synthetic-speech:clips=1000000", "must be 1 to"),
        ("synthetic-speech:clips=1000,tokens=400", "more than"),
        ("synthetic-speech:seconds=31", "seconds"),
    ],
)
def test_what_no_trace_has_is_refused(text: str, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        resolve_speech(text)


def test_what_is_no_trace_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"whisper-tiny\.en-base-real"):
        resolve_speech("whisper-tiny.en-base-reel")
    assert not is_speech("tiny-distilled-sampled")
