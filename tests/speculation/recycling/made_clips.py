"""Clips whose draft is a made-up rule, so that every answer is known."""

import numpy as np

from ahasd.speculation.recycling.drafted_token import NONE
from ahasd.traces.speech.trace import SpeechClip, SpeechHeader, SpeechTrace

END = 0


def header(**changed):
    values = {
        "draft": "made-draft",
        "target": "made-target",
        "shared_encoder": True,
        "tokenizer_hash": "none",
        "retokenised": False,
        "end_token": END,
        "prompt_tokens": 4,
        "timestamps": False,
        "clips": "made",
        "tool_version": "0",
    } | changed
    return SpeechHeader(**values)


class MadeDraft:
    """Writes a transcript of its own, in step with any text by its last token's place; unsure where told."""

    def __init__(self, words, unsure=()):
        self.words, self.unsure = [*words, END], set(unsure)

    def next(self, text):
        """Token, probability, runner-up behind a text."""
        at = len(text)
        if text:
            last = text[-1]
            places = [i for i, word in enumerate(self.words) if word == last]
            at = min(places, key=lambda i: abs(i - len(text) + 1)) + 1 if places else len(text)
        at = min(at, len(self.words) - 1)
        token = self.words[at]
        return token, 0.25 if token in self.unsure else 0.875, token + 1000

    def chain(self, text, length):
        found, text = [], list(text)
        while len(found) < length and (not found or found[-1][0] != END):
            found.append(self.next(text))
            text.append(found[-1][0])
        return found


def made_clip(target, draft, length=24):
    """A trace of one clip."""
    rows = [draft.chain(target[:row], length) for row in range(len(target))]
    shape = (len(target), length)
    tokens, runner, after = (np.full(shape, NONE, np.int32) for _ in range(3))
    probability, steps = np.zeros(shape, np.float16), np.zeros(shape, np.uint8)
    for i, row in enumerate(rows):
        for j, (token, p, second) in enumerate(row):
            tokens[i, j], probability[i, j], runner[i, j], steps[i, j] = token, p, second, j + 1
            text = [*target[:i], *(t for t, _, _ in row[:j]), second]
            after[i, j] = draft.next(text)[0]
    return SpeechTrace(
        header(),
        target=np.array(target, np.int32),
        clip_start=np.array([0, len(target)], np.int32),
        milliseconds=np.array([3000], np.int32),
        draft=tokens,
        probability=probability,
        runner_up=runner,
        steps=steps,
        after_runner_up=after,
    )


def clip_of(trace) -> SpeechClip:
    return next(iter(trace))
