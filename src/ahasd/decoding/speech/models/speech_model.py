"""A Whisper model of transformers with its vocabulary, from wherever a user has it."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.find_model import name_of
from ahasd.decoding.models.model_folder import naming, without_progress_bars
from ahasd.decoding.speech.models.ct2_file import read_ct2
from ahasd.decoding.speech.models.ct2_whisper import whisper_of
from ahasd.decoding.speech.models.packaged import PACKAGED, ct2_lists, read_packaged
from ahasd.decoding.speech.models.vocabulary import SpeechVocabulary
from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, DOCUMENT_BYTES, read_text

#: File by which a folder is one of CTranslate2.
_CT2 = "model.bin"


@dataclass(frozen=True)
class SpeechModel:
    """A Whisper model that is ready to run.

    Parameters
    ----------
    name
        What reports call it.
    whisper
        A ``WhisperForConditionalGeneration``, in evaluation mode.
    vocabulary
        Its tokens.
    """

    name: str
    whisper: Any
    vocabulary: SpeechVocabulary

    @cached_property
    def features(self) -> Any:
        """What makes a spectrogram of sound (``WhisperFeatureExtractor``)."""
        return transformers.WhisperFeatureExtractor(feature_size=self.whisper.config.num_mel_bins)

    @property
    def longest(self) -> int:
        """Tokens of a transcript at most, the prompt included."""
        return int(self.whisper.config.max_target_positions)

    @property
    def heard(self) -> int:
        """Frames that the encoder makes of 30 s."""
        return int(self.whisper.config.max_source_positions)


def load_speech_model(source: str | Path) -> SpeechModel:
    """Load a model, to run in float32 on the CPU.

    Parameters
    ----------
    source
        A name of `PACKAGED`, a folder of CTranslate2 (model.bin, config.json, tokenizer.json), or a folder of
        transformers as ``save_pretrained`` writes it (config.json, weights, tokenizer.json; distil-Whisper too).

    Raises
    ------
    AhasdError
        There is no such model, or it is damaged, or not of Whisper.
    """
    name = str(source)
    if name in PACKAGED:
        file, folder = read_packaged(name)
        with _named(name):
            return _from_ct2(name, file, folder)
    path = Path(source)
    if not os.path.isdir(path):
        raise AhasdError(
            f"model {path}: no such folder; take one of transformers' Whisper or of CTranslate2, or one of "
            f"{', '.join(PACKAGED)}"
        )
    title = name_of(path, path)
    if (path / _CT2).is_file():
        file = read_ct2(path / _CT2)
        with _named(str(path)):
            return _from_ct2(title, file, path)
    return _from_transformers(title, path)


def _named(name: str) -> Any:
    return naming(f"model {name}: cannot be read as Whisper")


def _from_ct2(name: str, file: Any, folder: Path) -> SpeechModel:
    whisper = whisper_of(file)
    text = read_text(folder / "config.json", f"model {folder}: config.json of", DOCUMENT_BYTES)
    lists = ct2_lists(folder, text)
    size = int(whisper.config.vocab_size)
    vocabulary = SpeechVocabulary(
        _tokenizer(folder), size, lists["suppress_ids"], lists["suppress_ids_begin"]
    )
    return _checked(SpeechModel(name, whisper, vocabulary))


def _from_transformers(name: str, path: Path) -> SpeechModel:
    if not (path / "config.json").is_file():
        raise AhasdError(
            f"model {path}: holds neither {_CT2} (CTranslate2) nor config.json (transformers); is this a folder of "
            "a Whisper model?"
        )
    with naming(f"model {path}: transformers cannot load it as Whisper"), without_progress_bars():
        config = transformers.AutoConfig.from_pretrained(path, local_files_only=True)
        if config.model_type != "whisper":
            raise AhasdError(f"model {path}: is of type {config.model_type}; speech needs whisper")
        whisper, found = transformers.WhisperForConditionalGeneration.from_pretrained(
            path, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
        missing = sorted(found["missing_keys"])
    if missing:
        raise AhasdError(f"model {path}: lacks the weights {', '.join(missing[:5])}; get it again")
    settings = whisper.generation_config
    vocabulary = SpeechVocabulary(
        _tokenizer(path),
        int(whisper.config.vocab_size),
        tuple(getattr(settings, "suppress_tokens", None) or ()),
        tuple(getattr(settings, "begin_suppress_tokens", None) or ()),
    )
    return _checked(SpeechModel(name, whisper.eval(), vocabulary))


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    text = read_text(path, f"model {folder}: tokenizer.json of", DATA_BYTES)
    with naming(f"model {folder}: tokenizer.json is damaged"):
        return Tokenizer.from_str(text)


def _checked(model: SpeechModel) -> SpeechModel:
    """See that the special tokens are there and the weights are numbers.

    Raises
    ------
    AhasdError
        They are not.
    """
    vocabulary = model.vocabulary
    for name in ("<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|notimestamps|>"):
        vocabulary.special(name)
    if any(
        not 0 <= token < vocabulary.size for token in (*vocabulary.suppressed, *vocabulary.suppressed_first)
    ):
        raise AhasdError(
            f"model {model.name}: suppresses tokens that its vocabulary of {vocabulary.size} lacks"
        )
    for name, weight in model.whisper.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise AhasdError(f"model {model.name}: {name} holds what is no number; get the model again")
    return model
