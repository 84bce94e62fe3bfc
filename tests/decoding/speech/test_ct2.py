"""Whisper models of CTranslate2 are read to the last weight, and damaged ones are refused by cause."""

import json
import shutil

import numpy as np
import pytest
import torch

from ahasd.decoding.speech.models.ct2_file import parse_ct2
from ahasd.decoding.speech.models.ct2_whisper import whisper_of
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.errors import AhasdError

from .written_ct2 import in_int8, variables, written


@pytest.fixture(scope="module")
def arrays(target):
    return variables(target.whisper)


def test_every_weight_is_read(target, arrays):
    read = whisper_of(parse_ct2(written(arrays)))
    wanted = target.whisper.state_dict()
    assert read.state_dict().keys() == wanted.keys()
    for name, weight in read.state_dict().items():
        assert torch.equal(weight, wanted[name]), name


def test_half_precision_and_int8_are_widened(target, arrays):
    halves = {name: array.astype(np.float16) if array.ndim else array for name, array in arrays.items()}
    name = "model.decoder.layers.1.fc1.weight"
    wanted = target.whisper.state_dict()[name]
    read = whisper_of(parse_ct2(written(halves))).state_dict()[name]
    assert torch.equal(read, wanted.half().float())
    coarse = whisper_of(parse_ct2(written(in_int8(arrays)))).state_dict()[name]
    assert float((coarse - wanted).abs().max()) <= float(wanted.abs().amax()) / 254 * 1.01


def test_a_folder_of_it_is_a_model_with_its_lists(folders, target, arrays, tmp_path):
    (tmp_path / "model.bin").write_bytes(written(arrays))
    shutil.copy(folders["target"] / "tokenizer.json", tmp_path)
    lists = {"suppress_ids": [5, 6], "suppress_ids_begin": [7]}
    (tmp_path / "config.json").write_text(json.dumps(lists))
    model = load_speech_model(tmp_path)
    assert (model.vocabulary.suppressed, model.vocabulary.suppressed_first) == ((5, 6), (7,))
    assert model.vocabulary.languages == target.vocabulary.languages == ("en", "de")
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(AhasdError, match="not that of a Whisper model"):
        load_speech_model(tmp_path)


def test_a_damaged_file_is_refused(arrays):
    data = written(arrays)
    for cut in (3, 30, 2000, len(data) - 1):
        with pytest.raises(AhasdError, match="truncated"):
            parse_ct2(data[:cut])
    with pytest.raises(AhasdError, match="format version, is 99"):
        parse_ct2(written(arrays, version=99))
    with pytest.raises(AhasdError, match="goes on behind"):
        parse_ct2(data + b"x")
    with pytest.raises(AhasdError, match="is a TransformerSpec"):
        whisper_of(parse_ct2(written(arrays, specification="TransformerSpec")))
    lacking = {name: array for name, array in arrays.items() if name != "encoder/conv2/bias"}
    with pytest.raises(AhasdError, match="lacks the variable encoder/conv2/bias"):
        whisper_of(parse_ct2(written(lacking)))
    with pytest.raises(AhasdError, match="do not make up a Whisper model"):
        whisper_of(parse_ct2(written(arrays | {"encoder/conv2/bias": np.zeros(3, np.float32)})))


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(AhasdError, match="no such folder; take one"):
        load_speech_model(tmp_path / "nothing")
    with pytest.raises(AhasdError, match="holds neither"):
        load_speech_model(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(AhasdError, match="is of type llama; speech needs whisper"):
        load_speech_model(tmp_path)
