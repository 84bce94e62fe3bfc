"""From what a user calls a draft to one that is ready."""

from pathlib import Path

from ahasd.decoding.speech.drafts.draft import SpeechDraft
from ahasd.decoding.speech.drafts.shared_encoder import SharedEncoderDraft, is_shared_draft
from ahasd.decoding.speech.drafts.whole_model import WholeModelDraft
from ahasd.decoding.speech.models.packaged import PACKAGED, is_installed
from ahasd.decoding.speech.models.speech_model import SpeechModel, load_speech_model

#: The packaged model that drafts for the others.
SMALLEST = "whisper-tiny.en"


def load_draft(source: str | Path, target: SpeechModel, language: str, timestamps: bool) -> SpeechDraft:
    """Load a draft for a target.

    Parameters
    ----------
    source
        The folder of a draft behind the target's encoder, or whatever
        `ahasd.decoding.speech.models.speech_model.load_speech_model` takes.
    target
        The model it drafts for.
    language, timestamps
        As the target is asked.

    Raises
    ------
    AhasdError
        There is none, it is damaged, was trained behind another encoder, or lacks the language.
    """
    if is_shared_draft(source):
        return SharedEncoderDraft(source, target, language, timestamps)
    return WholeModelDraft(load_speech_model(source), target, language, timestamps)


def own_drafts(target: str) -> list[str]:
    """Give the drafts at hand for a target that is called by its name: tiny.en, where its package is installed."""
    drafts = target != SMALLEST and target in PACKAGED and is_installed(SMALLEST)
    return [SMALLEST] if drafts else []
