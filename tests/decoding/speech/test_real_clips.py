"""Whisper base and tiny.en on real voices: CTranslate2's tokens, and plain decoding's by every draft."""

import os
import re
from pathlib import Path

import pytest

from ahasd.decoding.speech.audio.sound_file import read_sound
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.load_draft import load_draft, own_drafts
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.models.packaged import PACKAGED, is_installed, packaged_path
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.decoding.speech.transcriber import Transcriber
from ahasd.speech.recycling.options import SpeechDraftOptions
from ahasd.speech.recycling.replay import replay
from ahasd.traces.speech.shipped import load_shipped_speech, shipped_speech

#: Where Debian installs the clips, where `make models` unpacks them, and where a user says.
PLACES = (
    Path(os.environ.get("AHASD_SPEECH_CLIPS", "/nowhere")),
    Path(__file__).parents[3] / ".venv/share/speech-clips/usr/share/pocketsphinx/test/data",
    Path("/usr/share/pocketsphinx/test/data"),
)
CLIPS = next((place for place in PLACES if (place / "librivox").is_dir()), None)

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(CLIPS is None, reason="the clips of Debian's pocketsphinx-testdata are not there"),
    pytest.mark.skipif(
        not all(is_installed(name) for name in PACKAGED), reason="the Whisper packages are not installed"
    ),
]

OF_ANY_DRAFT = {
    "fixed of 4": SpeechDraftOptions(longest=4),
    "fixed of 8": SpeechDraftOptions(longest=8),
    "fixed of 24": SpeechDraftOptions(),
    "truncated": SpeechDraftOptions(truncation=0.5),
    "truncated, dropped": SpeechDraftOptions(truncation=0.5, keep_uncertain=False),
    "truncated, reused": SpeechDraftOptions(truncation=0.5, recycling="reuse"),
}
OF_THE_SAME_TOKENS = {
    "masked": SpeechDraftOptions(truncation=0.5, recycling="masked"),
    "tree": SpeechDraftOptions(longest=12, branching=0.5),
    "masked tree": SpeechDraftOptions(truncation=0.2, recycling="masked", branching=0.5),
}


def clips(folder):
    return sorted((CLIPS / folder).glob("*.wav"))


@pytest.fixture(scope="module")
def base():
    return Transcriber(load_speech_model("whisper-base"))


def test_greedy_tokens_are_those_of_ctranslate2(base, tmp_path):
    ctranslate2 = pytest.importorskip("ctranslate2")
    packaged = PACKAGED["whisper-base"]
    parts = [packaged_path("whisper-base", *part).read_bytes() for part in packaged.parts]
    (tmp_path / "model.bin").write_bytes(b"".join(parts))
    for document in packaged_path("whisper-base", *packaged.documents).glob("*.json"):
        (tmp_path / document.name).write_bytes(document.read_bytes())
    peer = ctranslate2.models.Whisper(str(tmp_path), compute_type="float32", intra_threads=1)
    found = clips("librivox")
    assert len(found) == 5
    for path in found:
        samples = read_sound(path).samples
        spectrogram = base.model.features(samples, sampling_rate=16000, return_tensors="np").input_features
        theirs = peer.generate(
            ctranslate2.StorageView.from_array(spectrogram), [list(base.prompt)], beam_size=1, max_length=228
        )[0].sequences_ids[0]
        ours = base.window(Window(0.0, samples), [SpeechMethod(PLAIN)]).decoded
        assert [token for token in ours.tokens if token != base.model.vocabulary.end] == list(theirs)


@pytest.mark.parametrize("name", own_drafts("whisper-base"))
def test_every_draft_ends_in_plain_decodings_tokens(base, name):
    """At least 60 runs: ten clips, six settings or more."""
    draft = load_draft(name, base.model, "en", timestamps=False)
    options = OF_ANY_DRAFT if draft.retokenised else OF_ANY_DRAFT | OF_THE_SAME_TOKENS
    methods = [SpeechMethod(PLAIN), *(SpeechMethod(key, draft, value) for key, value in options.items())]
    runs = 0
    for path in [*clips("librivox"), *clips("cards")]:
        part = base.window(Window(0.0, read_sound(path).samples), methods)
        assert part.differing == []
        runs += len(part.runs) - 1
    assert runs >= 60
    assert draft.shared_encoder == (name == "whisper-base-draft")


@pytest.mark.parametrize("name", own_drafts("whisper-base"))
def test_the_shipped_traces_replay_what_runs_do_branches_too(base, name):
    (trace,) = (one for one in map(load_shipped_speech, shipped_speech()) if one.header.draft == name)
    draft = load_draft(name, base.model, "en", timestamps=False)
    options = {"reuse": OF_ANY_DRAFT["truncated, reused"]} | ({} if draft.retokenised else OF_THE_SAME_TOKENS)
    methods = [SpeechMethod(key, draft, value) for key, value in options.items()]
    paths = [*clips("librivox"), *clips("cards")]
    assert trace.clips == len(paths)
    branched = 0
    for clip, path in zip(trace, paths, strict=True):
        for run in base.window(Window(0.0, read_sound(path).samples), methods).runs:
            assert list(run.decoded.tokens) == clip.target.tolist()
            replayed = list(replay(clip, options[run.method.name]))
            assert [_round(found.drafted, found.verdict, len(found.draft_passes)) for found in replayed] == [
                _round(found.drafted, found.verdict, found.draft_passes) for found in run.decoded.rounds
            ]
            branched += sum(found.drafted.branched for found in replayed)
    assert draft.retokenised or branched


def test_the_transcripts_are_what_was_read(base):
    lines = (CLIPS / "librivox" / "transcription").read_text().splitlines()
    wanted = {match[2]: match[1] for line in lines if (match := re.match(r"(.*) \((.*)\)$", line))}
    errors = words = 0
    for path in clips("librivox"):
        part = base.window(Window(0.0, read_sound(path).samples), [SpeechMethod(PLAIN)])
        read = re.findall(r"[a-z']+", re.sub(r"</?s>", "", wanted[path.stem].lower()))
        heard = re.findall(r"[a-z']+", base.text(part).lower().replace("-", " "))
        errors += _distance(read, heard)
        words += len(read)
    assert words > 50
    assert errors / words < 0.15


def test_a_half_of_the_encoders_work_is_left_out_by_the_clip_alone(base):
    window = Window(0.0, read_sound(clips("librivox")[1]).samples)
    assert len(encode(base.model, window, clip_only=True)) < 750


def _round(drafted, verdict, passes):
    tree = drafted.tree
    return [token.token for token in tree.tokens], list(tree.parents), list(verdict.accepted), passes


def _distance(one, other):
    """Edits between two sequences of words."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
