"""From DRAFT:TARGET to two writers."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.speech.models.language_writer import LanguageWriter
from ahasd.speech.models.whisper_writer import WhisperWriter
from ahasd.speech.models.writer import Writer
from ahasd.workload.speech.catalogue import load_speech_model, speech_model_names
from ahasd.workload.zoo import load_model


@dataclass(frozen=True)
class SpeechPair:
    """A draft and a target that hear the same sound."""

    draft: Writer
    target: Writer

    @property
    def name(self) -> str:
        """Draft first."""
        return f"{self.draft.name}:{self.target.name}"

    @property
    def recorded_as(self) -> tuple[str, str]:
        """Draft and target as traces of them call them."""
        return self.draft.recorded_as, self.target.recorded_as

    @property
    def shares_encoder(self) -> bool:
        """Whether the target's encoder is heard by both."""
        return self.draft.encoder_name == self.target.encoder_name


def load_speech_pair(text: str, audio_encoder: str, sound_tokens: int) -> SpeechPair:
    """Load a pair.

    Raises
    ------
    UnknownNameError
        A name is none of a model of speech or of the zoo.
    AhasdError
        It is no pair, or a model with an encoder stands beside one without.
    """
    names = text.split(":")
    if len(names) != 2 or not all(names):
        raise AhasdError(f"pair '{text}' must be DRAFT:TARGET, such as whisper-tiny.en:whisper-base")
    heard = [name.lower() in speech_model_names() for name in names]
    if all(heard):
        draft, target = (WhisperWriter(load_speech_model(name)) for name in names)
        return SpeechPair(draft, target)
    known = [name for name, is_known in zip(names, heard, strict=True) if is_known]
    if known:
        raise AhasdError(
            f"pair '{text}': {known[0]} has an encoder and a decoder that attends to it, the other has none"
        )
    for name in names:
        if name.startswith(("whisper", "distil")):  # a slip of the pen is looked for where it belongs
            load_speech_model(name)
    shared = load_speech_model(audio_encoder)
    specs = [load_model(name) for name in names]
    if specs[0].tokenizer != specs[1].tokenizer:
        raise AhasdError(f"pair '{text}': the two have different tokenizers")
    draft_spec, target_spec = specs
    return SpeechPair(
        LanguageWriter(draft_spec, shared, sound_tokens), LanguageWriter(target_spec, shared, sound_tokens)
    )
