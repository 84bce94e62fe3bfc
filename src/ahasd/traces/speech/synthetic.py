"""Synthetic speech traces: how often a draft hears what the target hears, set by hand instead of recorded."""

from dataclasses import dataclass, fields

import numpy as np

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.traces.rollout.coins import bit_generator
from ahasd.traces.speech.checks import MOST_STEPS
from ahasd.traces.speech.header import SpeechHeader
from ahasd.traces.speech.trace import SpeechTrace
from ahasd.traces.synthetic_settings import parse_settings

PREFIX = "synthetic-speech"

#: The end token, and tokens of the vocabulary; those behind them are never the target's (ours).
END, VOCABULARY = 0, 50_000
#: Probability of a token that the draft is sure of, and of one that it is not (ours; thresholds lie between them).
SURE, UNSURE = 0.9375, 0.375
#: Tokens of all clips at most; so many take a second (ours).
MOST_TOKENS = 100_000


@dataclass(frozen=True, slots=True)
class SyntheticSpeech:
    """What a synthetic speech trace is made from.

    The draft writes the target's transcript but for some tokens in whose place it has another; behind these it is in
    step again, whatever it has read: the assumption of SpecASR, without its exceptions.

    Parameters
    ----------
    agreement
        Share of the words that the draft writes as the target does. 0.876 was measured of tiny.en and base.
    doubt
        Share of the others of which the draft is unsure, so that truncation stops there (ours).
    caution
        Share of the right ones of which it is unsure, too (ours).
    tokens, clips, seconds
        Tokens of a clip, without the end; how many clips; seconds of each.
    seed
        At least 0.

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """

    agreement: float = 0.876
    doubt: float = 0.5
    caution: float = 0.05
    tokens: int = 40
    clips: int = 10
    seconds: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("agreement", 0, 1),
            ("doubt", 0, 1),
            ("caution", 0, 1),
            ("tokens", 1, 400),
            ("clips", 1, MOST_TOKENS),
            ("seconds", 0.01, 30),
            ("seed", 0, 2**63),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise AhasdError(f"synthetic speech: {name} is {value}; must be {low} to {high}")
        if self.clips * self.tokens > MOST_TOKENS:
            raise AhasdError(f"synthetic speech: clips of more than {MOST_TOKENS:,} tokens together")

    def __str__(self) -> str:
        settings = ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))
        return f"{PREFIX}:{settings}"


def parse_synthetic(text: str, seed: int = 0) -> SpeechTrace:
    """Make the trace of ``synthetic-speech:agreement=A,doubt=D``.

    Parameters
    ----------
    seed
        Where the text names none.

    Raises
    ------
    UnknownNameError
        For a setting that does not exist.
    AhasdError
        For a value that no trace has.
    """
    given = parse_settings(text.removeprefix(PREFIX).removeprefix(":"), SyntheticSpeech, "synthetic speech")
    return make(SyntheticSpeech(**{"seed": seed} | given))


def make(what: SyntheticSpeech) -> SpeechTrace:
    """Make a trace; the same settings give the same one."""
    draws = np.random.Generator(bit_generator(what.seed, "recorded"))
    length = what.tokens + 1
    shape = (what.clips, length)
    target = draws.integers(1, VOCABULARY, size=shape)
    target[:, -1] = END
    wrong = draws.random(shape) >= what.agreement
    wrong[:, -1] = False
    unsure = draws.random(shape) < np.where(wrong, what.doubt, what.caution)
    unsure[:, -1] = False
    heard = np.where(wrong, target + VOCABULARY, target)
    second = np.where(wrong, target, target + 2 * VOCABULARY)

    # Behind a transcript nothing is drafted.
    behind = np.full((what.clips, MOST_STEPS), -1)
    starts = np.arange(length)[:, None] + np.arange(MOST_STEPS)[None, :]
    drafted, runner_up, after = (
        np.concatenate([row, behind], axis=1)[:, starts].reshape(-1, MOST_STEPS)
        for row in (heard, second, np.concatenate([heard[:, 1:], np.full((what.clips, 1), -1)], axis=1))
    )
    said = np.concatenate([np.where(unsure, UNSURE, SURE), np.zeros(behind.shape)], axis=1)
    probability = said[:, starts].reshape(-1, MOST_STEPS)
    count = what.clips * length
    return SpeechTrace(
        SpeechHeader(
            draft="made-up",
            target="made-up",
            shared_encoder=False,
            tokenizer_hash="none",
            retokenised=False,
            end_token=END,
            prompt_tokens=4,
            timestamps=False,
            clips=str(what),
            tool_version=__version__,
            notes="made up",
        ),
        target=target.reshape(-1).astype(np.int32),
        clip_start=np.arange(0, count + 1, length, dtype=np.int32),
        milliseconds=np.full(what.clips, round(what.seconds * 1000), np.int32),
        draft=drafted.astype(np.int32),
        probability=probability.astype(np.float16),
        runner_up=runner_up.astype(np.int32),
        steps=np.tile(np.arange(1, MOST_STEPS + 1, dtype=np.uint8), (count, 1)),
        after_runner_up=after.astype(np.int32),
    )
