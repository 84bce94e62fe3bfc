"""What a recorder asks of a draft."""

from ahasd.decoding.speech.audio.sound_file import RATE, Sound
from ahasd.decoding.speech.drafts.draft import SpeechDraft, WindowDraft
from ahasd.decoding.speech.recorder import record_speech
from ahasd.decoding.speech.transcriber import Transcriber
from ahasd.speech.recycling.draft_source import DraftSource
from ahasd.speech.recycling.drafted_token import NONE, DraftedToken


class Ending(SpeechDraft, WindowDraft, DraftSource):
    """Writes two tokens and the end, and would go on if it were asked to."""

    name, shared_encoder, retokenised, passes = "ending", False, False, 0

    def __init__(self, end):
        self._end = end

    def hear(self, window, states, heard, clip_only):
        return self

    def behind(self, text):
        self._told = 0
        return self

    def step(self):
        self._told += 1
        self.passes += 1
        return [DraftedToken(self._end if self._told == 3 else self._told, 0.5, 7)]

    def check(self, branch):
        raise NotImplementedError

    def branch(self, places):
        return [100 + place for place in places]


def test_nothing_is_asked_behind_the_end_of_a_drafts_text(target, noise):
    end = target.vocabulary.end
    trace = record_speech(Transcriber(target), Ending(end), [Sound("noise", noise[0], 1, RATE)], "noise", 6)
    assert trace.draft[0].tolist() == [1, 2, end, NONE, NONE, NONE]
    assert trace.after_runner_up[0].tolist() == [100, 101, 102, NONE, NONE, NONE]
    assert trace.steps[0].tolist()[:3] == [1, 2, 3]
