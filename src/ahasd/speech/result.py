"""The result of a run of speech: with its encoders, and without."""

from ahasd.family.record import Record
from ahasd.family.result import Result


class Parts(Record):
    """Seconds of all clips. ``decode_s`` is all but encoders, ``end_to_end_s`` everything.

    Attributes
    ----------
    encoder_s, draft_encoder_s
        What the target and the draft hear by; of a draft with the target's encoder, its own keys and values of that.
    prompt_s
        Reading prompts, which gives every transcript's first token.
    draft_s, target_s
        Passes of the draft, and of the target.
    """

    encoder_s: float
    draft_encoder_s: float
    prompt_s: float
    draft_s: float
    target_s: float
    decode_s: float
    end_to_end_s: float


class DraftRecord(Record):
    """What became of drafts; ``proposed`` = ``drafted`` + ``recycled``.

    Attributes
    ----------
    rounds
        Passes of the target that verify.
    draft_steps_per_token, tokens_per_round
        Passes of the draft over tokens written, and those over rounds; the first token of each clip is of no round.
    acceptance_ratio
        Accepted of the proposed tokens; None if nothing was proposed.
    speedup_decode, speedup_end_to_end
        Over the target alone on the same device, without encoders and with them.
    free_draft_end_to_end
        The second if the draft and its encoder took no time: no draft of these proposals does better.
    """

    rounds: int
    draft_passes: int
    drafted: int
    recycled: int
    proposed: int
    accepted: int
    draft_steps_per_token: float
    tokens_per_round: float
    acceptance_ratio: float | None
    speedup_decode: float
    speedup_end_to_end: float
    free_draft_end_to_end: float


class SpeechSection(Record):
    """The family's own part of a result.

    Attributes
    ----------
    pair, agreement_from
        Whose costs these are, and whose agreement.
    shares_encoder
        Whether the draft hears by the target's encoder.
    clips, sound_s
        How many, and seconds of sound.
    parts, alone
        Of this run, and of the target alone on the same device.
    encoder_share
        Of the target alone, end to end.
    drafts
        None where nothing is drafted.
    """

    pair: str
    agreement_from: str
    shares_encoder: bool
    clips: int
    sound_s: float
    parts: Parts
    alone: Parts
    encoder_share: float
    drafts: DraftRecord | None = None


class SpeechResult(Result):
    """A result with the section ``speech``; ``seconds``, rate and energy are end to end."""

    tokens: int
    tokens_per_second: float
    joules_per_token: float | None
    tpot_s: float
    speech: SpeechSection

    @property
    def title(self) -> str:
        """What ran where, with whose costs."""
        return f"{super().title}: {self.speech.pair}"

    def side_by_side(self) -> dict[str, float]:
        """Both speed-ups, and how long encoders and decoding take."""
        about = self.speech
        drafts = about.drafts
        return {
            "end to end s": about.parts.end_to_end_s,
            "decoding s": about.parts.decode_s,
            "end to end x": drafts.speedup_end_to_end if drafts is not None else 1.0,
            "decoding x": drafts.speedup_decode if drafts is not None else 1.0,
        }

    def groups(self) -> dict[str, dict[str, str]]:
        """End to end and decoding alone, then what became of drafts."""
        about, parts = self.speech, self.speech.parts
        real_time = about.sound_s / parts.end_to_end_s
        speed = {
            "tokens": f"{self.tokens} of {about.clips} clips, {about.sound_s:.1f} s of sound",
            "end to end": f"{parts.end_to_end_s:.4f} s, {self.tokens_per_second:.3f} tokens/s, "
            f"{real_time:.1f} times as fast as the sound",
            "decoding alone": f"{parts.decode_s:.4f} s, {self.tokens / parts.decode_s:.3f} tokens/s",
            "energy per token": "not known"
            if self.joules_per_token is None
            else f"{self.joules_per_token:.4f} J",
        }
        taken = {
            "target's encoder": parts.encoder_s,
            "draft's encoder": parts.draft_encoder_s,
            "prompts": parts.prompt_s,
            "draft": parts.draft_s,
            "target": parts.target_s,
        }
        return {
            "Speed": speed,
            "Parts": {
                name: f"{seconds * 1e3:.3f} ms ({seconds / parts.end_to_end_s:.0%})"
                for name, seconds in taken.items()
                if seconds
            },
            "Drafts": {} if about.drafts is None else _drafts(about.drafts, about.agreement_from),
        }


def _drafts(drafts: DraftRecord, agreement_from: str) -> dict[str, str]:
    ratio = drafts.acceptance_ratio
    return {
        "agreement": agreement_from,
        "rounds": f"{drafts.rounds}, {drafts.tokens_per_round:.2f} tokens each",
        "proposed": f"{drafts.proposed} = {drafts.drafted} drafted + {drafts.recycled} recycled",
        "accepted": f"{drafts.accepted}"
        if ratio is None
        else f"{drafts.accepted}, {ratio:.3f} of the proposed",
        "draft steps": f"{drafts.draft_passes}, {drafts.draft_steps_per_token:.2f} for each token",
        "over the target alone": f"decoding {drafts.speedup_decode:.2f}x, end to end "
        f"{drafts.speedup_end_to_end:.2f}x; {drafts.free_draft_end_to_end:.2f}x if drafts took no time",
    }
