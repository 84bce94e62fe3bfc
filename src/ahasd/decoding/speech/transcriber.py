"""From sound to text, by one way or by several that are compared on the first window."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ahasd.decoding.speech.audio.sound_file import Sound
from ahasd.decoding.speech.audio.windows import Window, windows
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.method import SpeechMethod
from ahasd.decoding.speech.models.speech_model import SpeechModel
from ahasd.decoding.speech.models.vocabulary import TIMESTAMP_S
from ahasd.decoding.speech.part_times import PartTimes
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner, HeardSound, hear
from ahasd.decoding.speech.runner.decoder_weights import DecoderWeights, decoder_weights
from ahasd.decoding.speech.runner.row_products import RowProducts
from ahasd.decoding.speech.runner.token_rule import TokenRule
from ahasd.decoding.speech.window_decoder import DecodedWindow, WindowDecoder

#: Nobody speaks in a window whose probability of that lies above (openai/whisper, ``no_speech_threshold``). OpenAI
#: also asks that the text be unlikely; here a window is empty where the model says so, or where it is silent.
NO_SPEECH = 0.6

#: The loudest sample of a window that counts as silence (ours): -66 dB.
SILENCE = 5e-4

#: Tokens of a window's transcript at most (openai/whisper, ``sample_len``): half of what the decoder holds.
SHARE = 2

Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class MethodRun:
    """What a method made of a window.

    Parameters
    ----------
    method
        Which.
    decoded
        The transcript and its rounds.
    times
        Of its parts. The encoder is run once for all methods, and counted to each.
    """

    method: SpeechMethod
    decoded: DecodedWindow
    times: PartTimes


@dataclass(frozen=True, slots=True)
class WindowText:
    """One window's transcript.

    Parameters
    ----------
    window
        Where and how long it is.
    runs
        Of every method that decoded it, the first one's text counts; none where the window is silent.
    """

    window: Window
    runs: Sequence[MethodRun]

    @property
    def decoded(self) -> DecodedWindow | None:
        """The transcript that counts."""
        return self.runs[0].decoded if self.runs else None

    @property
    def differing(self) -> Sequence[str]:
        """Methods whose tokens are not the first one's: none, but for rounding at a tie."""
        return [
            run.method.name
            for run in self.runs
            if list(run.decoded.tokens) != list(self.runs[0].decoded.tokens)
        ]

    @property
    def speech(self) -> bool:
        """Whether somebody speaks."""
        if self.decoded is None:
            return False
        return self.decoded.no_speech is None or self.decoded.no_speech <= NO_SPEECH


@dataclass(frozen=True, slots=True)
class Transcription:
    """A sound's transcript.

    Parameters
    ----------
    sound
        What was heard.
    parts
        Its windows.
    text
        Of all windows in which somebody speaks.
    """

    sound: Sound
    parts: Sequence[WindowText]
    text: str


@dataclass
class Transcriber:
    """A target that hears sounds.

    Parameters
    ----------
    model
        The target.
    language
        Of the speech.
    timestamps
        Whether segments are marked by times.
    clip_only
        See `ahasd.decoding.speech.encoder.encode`: an approximation.

    Raises
    ------
    UnknownNameError
        The model does not have the language.
    """

    model: SpeechModel
    language: str = "en"
    timestamps: bool = False
    clip_only: bool = False
    _prompt: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        self._prompt = self.model.vocabulary.prompt(self.language, self.timestamps)
        self._weights = decoder_weights(self.model.whisper)
        self._products = RowProducts([layer.inner.weight for layer in self._weights.layers])
        self._rule = TokenRule(self.model.vocabulary, self.timestamps)

    @property
    def weights(self) -> DecoderWeights:
        """Of the target's decoder."""
        return self._weights

    @property
    def prompt(self) -> Sequence[int]:
        """The tokens that every transcript begins with."""
        return self._prompt

    def transcribe(
        self, sound: Sound, methods: Sequence[SpeechMethod], progress: Progress = lambda done, total: None
    ) -> Transcription:
        """Transcribe a sound.

        Parameters
        ----------
        methods
            At least one. All decode the first window with sound in it; the others are decoded by the one that took
            the least CPU time there.
        progress
            Told the seconds of sound that are done, and of how many.
        """
        left = list(methods)
        parts: list[WindowText] = []
        for window in windows(sound.samples):
            part = self.window(window, left)
            parts.append(part)
            if part.decoded is not None and len(left) > 1:
                left = [min(part.runs, key=lambda run: run.times.whole).method]
            progress(window.start_s + window.seconds, sound.seconds)
        return Transcription(sound, parts, self._text(parts))

    def window(self, window: Window, methods: Sequence[SpeechMethod]) -> WindowText:
        """Transcribe one window by each of some methods; the first one's text counts."""
        if not len(window.samples) or float(abs(window.samples).max()) <= SILENCE:
            return WindowText(window, ())
        encoder = PartTimes()
        with encoder.part("encoder"):
            states = encode(self.model, window, self.clip_only)
            heard = hear(self._weights, states)
        return WindowText(window, [self.decode(method, window, states, heard, encoder) for method in methods])

    def decode(
        self, method: SpeechMethod, window: Window, states: Any, heard: HeardSound, encoder: PartTimes
    ) -> MethodRun:
        """Decode a window that the encoder has heard, by one method."""
        times = PartTimes()
        times.add(encoder)
        vocabulary = self.model.vocabulary
        decoder = WindowDecoder(
            DecoderRunner(self._weights, heard, self._products),
            self._rule,
            self._prompt,
            vocabulary.end,
            vocabulary.no_speech,
            self.model.longest // SHARE,
        )
        if method.draft is None or method.options is None:
            return MethodRun(method, decoder.plain(times), times)
        with times.part("draft"):
            draft = method.draft.hear(window, states, heard, self.clip_only)
        return MethodRun(method, decoder.speculative(draft, method.options, times), times)

    def _text(self, parts: Sequence[WindowText]) -> str:
        return " ".join(filter(None, (self.text(part).strip() for part in parts)))

    def text(self, part: WindowText) -> str:
        """Give a window's text; none where nobody speaks."""
        if part.decoded is None or not part.speech:
            return ""
        return self.model.vocabulary.text(part.decoded.tokens)

    def segments(self, part: WindowText) -> Iterator[tuple[float, float | None, str]]:
        """Give start, end and text of the segments of a window, in seconds of the sound; needs timestamps."""
        if part.decoded is None or not part.speech:
            return
        first = self.model.vocabulary.timestamp_begin
        start, tokens = part.window.start_s, list[int]()
        for token in part.decoded.tokens:
            if token < first:
                tokens.append(token)
                continue
            at = part.window.start_s + (token - first) * TIMESTAMP_S
            if text := self.model.vocabulary.text(tokens).strip():
                yield start, at, text
            start, tokens = at, []
        if text := self.model.vocabulary.text(tokens).strip():
            yield start, None, text
