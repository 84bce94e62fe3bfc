"""The built-in models of speech: a YAML file each in the folder ``models``, with the fields of `WhisperSpec`."""

from functools import cache
from importlib.resources import files

from ahasd.errors import UnknownNameError
from ahasd.workload.speech.whisper import WhisperSpec
from ahasd.yaml_text import read_yaml

_FOLDER = files("ahasd.workload.speech") / "models"


@cache
def speech_model_names() -> tuple[str, ...]:
    """Their names, sorted."""
    entries = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in entries if name.endswith(".yaml")))


@cache
def load_speech_model(name: str) -> WhisperSpec:
    """Load one; capitals do not matter.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    plain = name.lower()
    if plain not in speech_model_names():
        raise UnknownNameError("speech model", name, speech_model_names())
    text = (_FOLDER / f"{plain}.yaml").read_text(encoding="utf-8")
    return WhisperSpec.model_validate({"name": plain, **read_yaml(text)})
