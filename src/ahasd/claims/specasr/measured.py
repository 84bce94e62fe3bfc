"""SpecASR's figures as runs and replays give them."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.claims.specasr.condition import SpecAsrCondition
from ahasd.speech.configuration import SpeechConfiguration
from ahasd.speech.counts import DraftCounts, count
from ahasd.speech.place import look_up
from ahasd.speech.recycling.options import SpeechDraftOptions
from ahasd.speech.recycling.replay import Round, replay
from ahasd.speech.result import SpeechSection
from ahasd.speech.run import SpeechRun
from ahasd.traces.speech.resolve import resolve_speech
from ahasd.traces.speech.trace import SpeechClip


@cache
def _section(system: str, longest: int | None, pair: str, trace: str, hardware: str) -> SpeechSection:
    changed = () if longest is None else (f"system.drafting.longest={longest}",)
    asked = SpeechConfiguration.checked(system=system, pair=pair, trace=trace, hardware=hardware, set=changed)
    return SpeechRun(asked).result().speech


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """Of SpecASR over the target alone, or over drafts of a fixed length.

    Attributes
    ----------
    over
        What it is held against.
    """

    over: Literal["alone", "speculation"]

    def configurations(self, condition: SpecAsrCondition) -> list[Asked]:
        """None: what is run is run here."""
        return []

    def draws(self, known_runs: KnownRuns, condition: SpecAsrCondition) -> Draws:
        """See `Measurement`; a replay, which has one figure."""
        where = condition.pair, condition.trace, condition.hardware
        own = _section(condition.system, None, *where)
        other = own.alone
        if self.over == "speculation":
            other = _section("speculative-speech", condition.length, *where).parts
        if condition.counted == "decoding":
            return drawn((other.decode_s / own.parts.decode_s,))
        return drawn((other.end_to_end_s / own.parts.end_to_end_s,))


@dataclass(frozen=True, slots=True)
class Drafts:
    """What becomes of drafts, whatever they cost.

    Attributes
    ----------
    figure
        Accepted of the proposed tokens; passes of the draft over those with drafts of a fixed length; or the share
        of transcripts that are the target's.
    """

    figure: Literal["accepted", "steps", "lossless"]

    def configurations(self, condition: SpecAsrCondition) -> list[Asked]:
        """None: a trace is replayed."""
        return []

    def draws(self, known_runs: KnownRuns, condition: SpecAsrCondition) -> Draws:
        """See `Measurement`."""
        options = look_up(
            SpeechConfiguration.checked(system=condition.system, trace=condition.trace)
        ).system.drafting
        assert options is not None, "SpecASR drafts"
        clips = list(resolve_speech(condition.trace))
        rounds = [list(replay(clip, options)) for clip in clips]
        counts = _counted(rounds)
        if self.figure == "lossless":
            alike = [_writes(clip, of_clip) for clip, of_clip in zip(clips, rounds, strict=True)]
            return drawn((sum(alike) / len(alike),))
        if self.figure == "accepted":
            return drawn((counts.acceptance_ratio or 0.0,))
        fixed = SpeechDraftOptions(longest=condition.length)
        usual = _counted([list(replay(clip, fixed)) for clip in clips])
        return drawn((counts.draft_passes / usual.draft_passes,))


def _counted(rounds: list[list[Round]]) -> DraftCounts:
    return count(one for of_clip in rounds for one in of_clip)


def _writes(clip: SpeechClip, rounds: list[Round]) -> bool:
    """Whether accepted tokens and the target's own make the target's transcript."""
    text = clip.target[:1].tolist()
    for one in rounds:
        tokens = [one.drafted.tree.tokens[place].token for place in one.verdict.accepted]
        text += [*tokens, one.verdict.own][: one.emitted]
    return bool(text == clip.target.tolist())
