"""Speech traces: what is written is read, and what breaks a rule is refused by name."""

import dataclasses

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.traces.speech.files import load, save
from ahasd.traces.speech.trace import SpeechHeader, SpeechTrace

END = 0
HEADER = SpeechHeader("d", "t", True, "none", False, END, 4, False, "made", "0")


def trace(header=HEADER, **changed):
    tensors = {
        "target": np.array([5, 6, END, 7, END], np.int32),
        "clip_start": np.array([0, 3, 5], np.int32),
        "milliseconds": np.array([1500, 700], np.int32),
        "draft": np.array([[5, 6, END], [6, END, -1], [END, -1, -1], [8, 9, 9], [END, -1, -1]], np.int32),
        "probability": np.full((5, 3), 0.5, np.float16),
        "runner_up": np.full((5, 3), 10, np.int32),
        "steps": np.tile(np.array([1, 2, 3], np.uint8), (5, 1)),
        "after_runner_up": np.full((5, 3), -1, np.int32),
    } | changed
    return SpeechTrace(header, **tensors)


def edited(name, at, value):
    tensor = trace().tensors()[name].copy()
    tensor[at] = value
    return {name: tensor}


def test_what_is_written_is_read(tmp_path):
    for made in (trace(), trace(after_runner_up=None)):
        save(made, tmp_path / "a.safetensors")
        read = load(tmp_path / "a.safetensors")
        assert read.sha256 == made.sha256
        assert read.header == made.header


def test_it_falls_into_clips():
    first, second = trace()
    assert first.target.tolist() == [5, 6, END]
    assert second.draft.tolist() == [[8, 9, 9], [END, -1, -1]]
    assert (first.seconds, second.seconds) == (1.5, 0.7)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (edited("target", 0, END), "target row 0 is 0; the end token must be a clip's last"),
        (edited("clip_start", 1, 0), "clip_start row 0 is 0; must be above"),
        (edited("milliseconds", 1, 0), "milliseconds row 1 is 0; must be above 0"),
        (edited("draft", (1, 2), 4), "draft row 1, step 2 is 4; must be -1 behind the end"),
        (edited("draft", (3, 0), -2), "draft row 3, step 0 is -2"),
        (edited("probability", (0, 0), 1.5), "probability row 0, step 0"),
        (edited("runner_up", (0, 0), 5), "must be another token than the draft's"),
        (edited("steps", (0, 1), 0), "steps row 0, step 1 is 0"),
        (edited("steps", (0, 0), 0), "steps row 0, step 0 is 0"),
        ({"steps": np.ones((5, 2), np.uint8)}, "steps has shape"),
        ({"draft": np.ones((5, 25), np.int32)}, "K from 1 to 24"),
        ({"milliseconds": np.ones(3, np.int32)}, "one number for each clip"),
        ({"target": np.zeros(5, np.int64)}, "target has dtype int64"),
    ],
)
def test_what_breaks_a_rule_is_refused(wrong, message):
    with pytest.raises(AhasdError, match=message):
        trace(**wrong)


def test_a_header_of_another_kind_is_refused(tmp_path):
    metadata = HEADER.to_metadata()
    assert SpeechHeader.from_metadata(metadata) == HEADER
    for changed, message in (
        ({"format": "ahasd-rollout-trace"}, "not a speech trace"),
        ({"format_version": "2"}, "version 2 is not supported"),
        ({"shared_encoder": "yes"}, "must be True or False"),
        ({"other": "1"}, "unknown other"),
    ):
        with pytest.raises(AhasdError, match=message):
            SpeechHeader.from_metadata(metadata | changed)
    with pytest.raises(AhasdError, match="shares the tokenizer too"):
        dataclasses.replace(HEADER, retokenised=True)
