"""Drafts: what is shared with a target, what is refused, and how another tokenizer's text is carried over."""

import json

import pytest
import torch
from safetensors.torch import save_file

from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.load_draft import load_draft
from ahasd.decoding.speech.drafts.retokenised import carried_over
from ahasd.decoding.speech.drafts.shared_encoder import (
    DOCUMENT,
    OWN_PARTS,
    WEIGHTS,
    encoder_digest,
    packed,
)
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.methods import methods
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.decoding.speech.runner.decoder_weights import DecoderLayer, DecoderWeights, decoder_weights
from ahasd.decoding.speech.transcriber import Transcriber
from ahasd.errors import AhasdError
from ahasd.speculation.recycling.options import SpeechDraftOptions


@pytest.fixture(scope="module")
def draft_folder(target, tmp_path_factory):
    """The target's last layer, and half of its tokens."""
    weights, folder = decoder_weights(target.whisper), tmp_path_factory.mktemp("draft")
    layer = weights.layers[1]
    own = DecoderLayer(heard=layer.heard, **{part: getattr(layer, part) for part in OWN_PARTS})
    named = torch.tensor([*range(0, 200, 2), target.vocabulary.end])
    made = DecoderWeights(
        weights.embedding, weights.positions, [own], weights.norm, weights.head[named], weights.heads, named
    )
    save_file(packed(made), folder / WEIGHTS)
    document = {
        "target": target.name,
        "encoder_sha256": encoder_digest(target.whisper),
        "hears_by_layers": [1],
    }
    (folder / DOCUMENT).write_text(json.dumps(document))
    return folder


def test_a_draft_behind_the_targets_encoder_names_some_tokens_and_is_lossless(target, noise, draft_folder):
    draft = load_draft(draft_folder, target, "en", timestamps=False)
    assert draft.shared_encoder
    assert not draft.retokenised
    wanted = [SpeechMethod(PLAIN), SpeechMethod("masked", draft, SpeechDraftOptions(6, recycling="masked"))]
    for samples in noise:
        part = Transcriber(target).window(Window(0.0, samples), wanted)
        assert part.differing == []
        tokens = [t.token for found in part.runs[1].decoded.rounds for t in found.drafted.tree.tokens]
        assert set(tokens) <= {*range(0, 200, 2), target.vocabulary.end}


def test_its_matrices_come_back_from_int8(target, draft_folder):
    weights = load_draft(draft_folder, target, "en", timestamps=False).weights
    wanted = decoder_weights(target.whisper).layers[1].inner.weight
    assert float((weights.layers[0].inner.weight - wanted).abs().max()) < float(wanted.abs().max()) / 200
    assert weights.layers[0].heard is not None


def test_a_draft_of_another_encoder_is_refused(folders, draft_folder):
    other = load_speech_model(folders["other"])
    with pytest.raises(AhasdError, match="trained behind the encoder of target, and other has another"):
        load_draft(draft_folder, other, "en", timestamps=False)


def test_damaged_drafts_are_refused(target, draft_folder, tmp_path):
    (tmp_path / DOCUMENT).write_text("{}")
    with pytest.raises(AhasdError, match=r"speech_draft\.json is damaged"):
        load_draft(tmp_path, target, "en", timestamps=False)
    (tmp_path / DOCUMENT).write_bytes((draft_folder / DOCUMENT).read_bytes())
    (tmp_path / WEIGHTS).write_bytes((draft_folder / WEIGHTS).read_bytes()[:200])
    with pytest.raises(AhasdError, match="cannot be read; train the draft again"):
        load_draft(tmp_path, target, "en", timestamps=False)


def test_text_is_carried_over_between_tokenizers_and_times_and_the_end_stay(folders, target):
    own, to = load_speech_model(folders["other"]).vocabulary, target.vocabulary
    ids = own.tokenizer.encode(" years again", add_special_tokens=False).ids
    tokens = [own.timestamp_begin + 7, *ids, own.end]
    found = carried_over(tokens, own, to)
    assert found[0] == to.timestamp_begin + 7
    assert found[-1] == to.end
    assert to.text(found[1:-1]) == " years again"
    assert carried_over(found, to, own) == tokens


def test_a_language_that_a_model_lacks_is_refused(target):
    with pytest.raises(AhasdError, match="unknown language of this model 'fr'"):
        Transcriber(target, "fr")


def test_methods_by_name(target, folders):
    same = load_draft(folders["same"], target, "en", timestamps=False)
    other = load_draft(folders["other"], target, "en", timestamps=False)
    assert [m.name for m in methods("auto", [same])] == ["plain", "specasr with same"]
    assert methods("speculative:7", [same])[0].options == SpeechDraftOptions(longest=7)
    chosen = methods("specasr:truncation=0.25,keep_uncertain=false,recycling=none", [same])[0].options
    assert (chosen.truncation, chosen.keep_uncertain, chosen.recycling) == (0.25, False, "none")
    assert methods("specasr", [other])[0].options.recycling == "reuse"
    for words, drafts, message in (
        ("fast", [same], "unknown method"),
        ("plain:3", [same], "takes no options"),
        ("speculative", [], "needs a draft"),
        ("speculative:many", [same], "not a number"),
        ("specasr:length=3", [same], "unknown option of specasr"),
        ("specasr:window", [same], "write window=VALUE"),
        ("specasr:keep_uncertain=1", [same], "true or false"),
        ("specasr:recycling=masked", [other], "another tokenizer"),
    ):
        with pytest.raises(AhasdError, match=message):
            methods(words, drafts)
