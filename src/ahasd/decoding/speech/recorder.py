"""Recording of speech traces from real models and real sound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ahasd import __version__
from ahasd.decoding.speech.audio.sound_file import Sound
from ahasd.decoding.speech.audio.windows import Window, windows
from ahasd.decoding.speech.drafts.draft import SpeechDraft, WindowDraft
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.part_times import PartTimes
from ahasd.decoding.speech.runner.decoder_runner import hear
from ahasd.decoding.speech.transcriber import SILENCE, Transcriber
from ahasd.errors import AhasdError
from ahasd.speech.recycling.drafted_token import NONE, DraftedToken
from ahasd.speech.recycling.options import LONGEST
from ahasd.traces.hashing import hash_of
from ahasd.traces.speech.header import SpeechHeader
from ahasd.traces.speech.trace import SpeechTrace

Progress = Callable[[int, int], None]

#: Runner-ups that the draft reads in one pass: fewer than a text has room for behind it in any Whisper.
BESIDE = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """What a draft writes behind one prefix."""

    chain: Sequence[DraftedToken]
    steps: Sequence[int]
    after: Sequence[int]


def record_speech(
    transcriber: Transcriber,
    draft: SpeechDraft,
    sounds: Sequence[Sound],
    clips: str,
    length: int = LONGEST,
    progress: Progress = lambda done, total: None,
) -> SpeechTrace:
    """Record what a draft proposes behind every prefix of a target's transcripts.

    Parameters
    ----------
    transcriber
        The target, with what it is asked.
    draft
        For that target.
    sounds
        Every window in which there is sound becomes a clip.
    clips
        Where the sounds came from, in words.
    length
        Draft steps from each prefix, 1 to 24.
    progress
        Told how many windows are done, and of how many.

    Raises
    ------
    AhasdError
        There is no sound, or the length is out of range.
    """
    if not 1 <= length <= LONGEST:
        raise AhasdError(f"length is {length}; a speech trace holds 1 to {LONGEST} draft steps")
    heard = [window for sound in sounds for window in windows(sound.samples) if _loud(window)]
    if not heard:
        raise AhasdError("nothing to record: all sounds are silent")
    texts: list[list[int]] = []
    rows: list[_Row] = []
    for done, window in enumerate(heard, 1):
        text, of_window = _record(transcriber, draft, window, length)
        texts.append(text)
        rows += of_window
        progress(done, len(heard))
    return _trace(_header(transcriber, draft, clips), texts, rows, heard, length)


def _record(
    transcriber: Transcriber, draft: SpeechDraft, window: Window, length: int
) -> tuple[list[int], list[_Row]]:
    states = encode(transcriber.model, window, transcriber.clip_only)
    heard = hear(transcriber.weights, states)
    run = transcriber.decode(SpeechMethod(PLAIN), window, states, heard, PartTimes())
    text = list(run.decoded.tokens)
    of_window = draft.hear(window, states, heard, transcriber.clip_only)
    end = transcriber.model.vocabulary.end
    return text, [_row(of_window, text[:start], draft.retokenised, length, end) for start in range(len(text))]


def _row(draft: WindowDraft, text: Sequence[int], retokenised: bool, length: int, end: int) -> _Row:
    source, before = draft.behind(text), draft.passes
    chain: list[DraftedToken] = []
    steps: list[int] = []
    while len(chain) < length and (not chain or chain[-1].token != end):
        told = source.step()
        if not told:
            break
        chain += told
        steps += [draft.passes - before] * len(told)
    after: list[int] = []
    if not retokenised:
        for start in range(0, len(chain), BESIDE):
            after += source.branch(range(start, min(start + BESIDE, len(chain))))
    return _Row(chain[:length], steps[:length], after)


def _header(transcriber: Transcriber, draft: SpeechDraft, clips: str) -> SpeechHeader:
    vocabulary = transcriber.model.vocabulary
    return SpeechHeader(
        draft=draft.name,
        target=transcriber.model.name,
        shared_encoder=draft.shared_encoder,
        tokenizer_hash=hash_of({"tokenizer": vocabulary.tokenizer.to_str()}, {})[:16],
        retokenised=draft.retokenised,
        end_token=vocabulary.end,
        prompt_tokens=len(transcriber.prompt),
        timestamps=transcriber.timestamps,
        clips=clips,
        tool_version=__version__,
        notes="float32 on cpu" + ("; the encoder heard the clips alone" if transcriber.clip_only else ""),
    )


def _trace(
    header: SpeechHeader,
    texts: Sequence[Sequence[int]],
    rows: Sequence[_Row],
    heard: Sequence[Window],
    length: int,
) -> SpeechTrace:
    shape = (len(rows), length)
    draft, runner_up, after = (np.full(shape, NONE, np.int32) for _ in range(3))
    probability, steps = np.zeros(shape, np.float16), np.zeros(shape, np.uint8)
    for at, row in enumerate(rows):
        for column, (token, taken, following) in enumerate(_columns(row)):
            draft[at, column], runner_up[at, column] = token.token, token.runner_up
            probability[at, column], steps[at, column], after[at, column] = (
                token.probability,
                taken,
                following,
            )
    return SpeechTrace(
        header,
        target=np.concatenate([np.array(text, np.int32) for text in texts]),
        clip_start=np.cumsum([0, *(len(text) for text in texts)]).astype(np.int32),
        milliseconds=np.array([max(1, round(1000 * window.seconds)) for window in heard], np.int32),
        draft=draft,
        probability=probability,
        runner_up=runner_up,
        steps=steps,
        after_runner_up=None if header.retokenised else after,
    )


def _columns(row: _Row) -> Iterator[tuple[DraftedToken, int, int]]:
    after = row.after or [NONE] * len(row.chain)
    yield from zip(row.chain, row.steps, list(after)[: len(row.chain)], strict=True)


def _loud(window: Window) -> bool:
    return bool(len(window.samples)) and float(abs(window.samples).max()) > SILENCE
