"""What is said of a run of speech: the sentence with both figures, and notes."""

from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.speech.models.language_writer import LanguageWriter
from ahasd.speech.place import AskedSpeech, PlacedSpeech
from ahasd.speech.result import SpeechSection


def both_figures(section: SpeechSection, placed: PlacedSpeech) -> str:
    """Say decoding alone and end to end, always both, and what decides."""
    parts, alone = section.parts, section.alone
    where, drafts = DEVICES[placed.devices["target"]].title, section.drafts
    if drafts is None:
        return (
            f"Decoding alone {parts.decode_s:.4g} s, end to end {parts.end_to_end_s:.4g} s: the encoder takes "
            f"{section.encoder_share:.0%}."
        )
    own = ""
    if parts.draft_encoder_s > 0:
        what = "keys and values of the sound" if section.shares_encoder else "encoder"
        own = f", and the draft's {what} {parts.draft_encoder_s / alone.end_to_end_s:.0%} more"
    return (
        f"Over the target alone on {where}: decoding alone {drafts.speedup_decode:.2f}x "
        f"({parts.decode_s:.4g} against {alone.decode_s:.4g} s), end to end {drafts.speedup_end_to_end:.2f}x "
        f"({parts.end_to_end_s:.4g} against {alone.end_to_end_s:.4g} s), where encoding is "
        f"{section.encoder_share:.0%} of it{own}; drafts that took no time would bring "
        f"{drafts.free_draft_end_to_end:.2f}x."
    )


def agreement_from(asked: AskedSpeech) -> str:
    """Whose agreement a run replays."""
    header = asked.trace.header
    if asked.synthetic:
        return header.clips
    how = ", its text written in the target's tokens" if header.retokenised else ""
    return f"{header.draft} for {header.target}{how} ({header.clips})"


def notes(asked: AskedSpeech, placed: PlacedSpeech) -> list[str]:
    """What must be known beside the figures."""
    header, pair, configuration = asked.trace.header, asked.pair, asked.configuration
    found = [f"changed: {text}" for text in configuration.set]
    if placed.draft is not None and (header.draft, header.target) != pair.recorded_as:
        found.append(
            f"The agreement is that of {agreement_from(asked)}, the costs are those of {pair.name}: these two may "
            "agree more, or less."
        )
    if asked.synthetic:
        found.append(
            "Made-up agreement: these figures show what follows from its numbers, not what a model does."
        )
    elif configuration.seed:
        found.append(
            "The seed draws nothing: a recorded trace is replayed as it is, and speech is decoded greedily."
        )
    if isinstance(pair.target, LanguageWriter):
        found.append(
            f"Both models hear by the encoder of {configuration.audio_encoder}, whose window is "
            f"{configuration.sound_tokens} tokens of their prompts (ours: the paper's checkpoints are not public)."
        )
    if placed.draft is not None and placed.shares_encoder:
        found.append("The draft has the target's encoder, which runs once.")
    found.append(
        "Every clip is a window of 30 s to the encoder, however short it is; clips follow one another."
    )
    return found
