"""Every draft and every part of SpecASR ends in plain decoding's tokens, and a trace replays its rounds."""

import pytest

from ahasd.decoding.speech.audio.sound_file import RATE, Sound
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.load_draft import load_draft
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.recorder import record_speech
from ahasd.decoding.speech.transcriber import Transcriber
from ahasd.speech.recycling.options import SpeechDraftOptions
from ahasd.speech.recycling.replay import replay

OPTIONS = {
    "fixed": SpeechDraftOptions(longest=4, most_tokens=12),
    "dropped": SpeechDraftOptions(longest=6, truncation=0.3, keep_uncertain=False, most_tokens=12),
    "reuse": SpeechDraftOptions(longest=8, truncation=0.1, recycling="reuse", match=1, most_tokens=12),
    "masked": SpeechDraftOptions(longest=8, recycling="masked", match=1, most_tokens=12),
    "tree": SpeechDraftOptions(longest=6, branching=0.6, most_tokens=12),
    "all": SpeechDraftOptions(longest=8, truncation=0.05, recycling="masked", branching=0.6, most_tokens=12),
}
OF_ITS_OWN_TOKENS = ("fixed", "dropped", "reuse")


@pytest.fixture(scope="module", params=[False, True], ids=["text", "times"])
def transcriber(request, target):
    return Transcriber(target, timestamps=request.param)


@pytest.mark.parametrize("kind", ["same", "shared", "other"])
def test_the_tokens_are_those_of_plain_decoding(transcriber, folders, noise, kind):
    draft = load_draft(folders[kind], transcriber.model, "en", transcriber.timestamps)
    assert draft.shared_encoder == (kind == "shared")
    assert draft.retokenised == (kind == "other")
    names = OF_ITS_OWN_TOKENS if kind == "other" else OPTIONS
    methods = [SpeechMethod(PLAIN), *(SpeechMethod(name, draft, OPTIONS[name]) for name in names)]
    for samples in noise:
        part = transcriber.window(Window(0.0, samples), methods)
        assert part.differing == []
        assert part.decoded.tokens
        for run in part.runs[1:]:
            proposed = sum(len(found.drafted.tree.tokens) for found in run.decoded.rounds)
            drafted = [found.drafted for found in run.decoded.rounds]
            assert proposed == sum(found.drafted + found.reused + found.branched for found in drafted)


@pytest.mark.parametrize("kind", ["same", "other"])
def test_a_recorded_trace_replays_the_rounds_of_a_run(target, folders, noise, kind):
    transcriber = Transcriber(target)
    draft = load_draft(folders[kind], target, "en", timestamps=False)
    sounds = [Sound("noise", samples, 1, RATE) for samples in noise]
    trace = record_speech(transcriber, draft, sounds, "noise")
    assert trace.header.retokenised == (kind == "other")
    rounds = 0
    for name in OF_ITS_OWN_TOKENS if kind == "other" else OPTIONS:
        options = OPTIONS[name]
        for clip, samples in zip(trace, noise, strict=True):
            run = transcriber.window(Window(0.0, samples), [SpeechMethod(name, draft, options)]).runs[0]
            assert list(run.decoded.tokens) == clip.target.tolist()
            replayed = list(replay(clip, options))
            for found, told in zip(replayed, run.decoded.rounds, strict=False):
                if found.start + options.most_tokens >= target.longest // 2:
                    break  # near the longest transcript, a run drafts less
                assert [t.token for t in found.drafted.tree.tokens] == [
                    t.token for t in told.drafted.tree.tokens
                ]
                assert list(found.drafted.tree.parents) == list(told.drafted.tree.parents)
                assert list(found.verdict.accepted) == list(told.verdict.accepted)
                assert len(found.draft_passes) == told.draft_passes
                rounds += 1
    assert rounds > 10
