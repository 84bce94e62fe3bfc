"""What is done of a recording, kept on disk so that an interrupted one can go on."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy.typing as npt
import safetensors
import safetensors.numpy

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.errors import AhasdError
from ahasd.text_files import parse_json

#: Consecutive rows of a trace: its tensors by name.
Rows = Mapping[str, npt.NDArray[Any]]

#: Weights of each tensor that tell models apart; training moves all of them. Ours.
SAMPLES = 4096


class Checkpoint:
    """The rows of every finished prompt of one recording, in a small database.

    A prompt is in it whole or not at all, whenever the process is killed. Used as a context manager; only one
    process can have it open. Whoever has saved the whole recording deletes the file.

    Parameters
    ----------
    path
        Of the file; made if there is none.
    identity
        What the rows depend on, by name. Rows of another recording are never handed out.

    Raises
    ------
    AhasdError
        If the file belongs to another recording, is no checkpoint, is in use, or cannot be written.
    """

    def __init__(self, path: Path, identity: Mapping[str, str]) -> None:
        self._path = path
        if os.path.islink(path):
            raise AhasdError(f"checkpoint {path} is a link, which is not followed; remove it")
        try:
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        try:
            self._open(dict(identity))
        except BaseException:
            self._database.close()
            raise

    def _open(self, identity: dict[str, str]) -> None:
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")
            self._database.execute("CREATE TABLE IF NOT EXISTS identity (fields TEXT)")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS rows (prompt INTEGER PRIMARY KEY, tensors BLOB, sha256 TEXT)"
            )
            found = self._database.execute("SELECT fields FROM identity").fetchone()
            if found is None:
                self._database.execute("INSERT INTO identity VALUES (?)", (json.dumps(identity),))
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failure(error) from error
        theirs = identity if found is None else parse_json(str(found[0]), f"the identity in {self._path}")
        if not isinstance(theirs, dict):
            raise AhasdError(
                f"{self._path} is no checkpoint of a recording; delete it, or choose another name"
            )
        different = [name for name in identity | theirs if identity.get(name) != theirs.get(name)]
        if different:
            raise AhasdError(
                f"{self._path} holds what is done of another recording (another {', '.join(different)}); "
                "go on with its arguments, or delete it to start afresh"
            )

    def get(self, prompt: int) -> Rows | None:
        """Give the rows of a prompt, None if they are not there.

        Raises
        ------
        AhasdError
            If the file is damaged.
        """
        try:
            found = self._database.execute(
                "SELECT tensors, sha256 FROM rows WHERE prompt = ?", (prompt,)
            ).fetchone()
            if found is None:
                return None
            if not isinstance(found[0], bytes) or _sha256(found[0]) != found[1]:
                raise AhasdError(
                    f"checkpoint {self._path}: the rows of prompt {prompt} were altered since they were written; "
                    "delete it to start afresh"
                )
            rows: Rows = safetensors.numpy.load(found[0])
            return rows
        except (sqlite3.Error, safetensors.SafetensorError) as error:
            raise self._failure(error) from error

    def put(self, prompt: int, rows: Rows) -> None:
        """Keep the rows of a prompt.

        Raises
        ------
        AhasdError
            If they cannot be written.
        """
        tensors = safetensors.numpy.save(dict(rows))
        try:
            self._database.execute("INSERT INTO rows VALUES (?, ?, ?)", (prompt, tensors, _sha256(tensors)))
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _failure(self, error: Exception) -> AhasdError:
        if "locked" in str(error):
            return AhasdError(f"{self._path} is in use: another process records into the same file")
        return AhasdError(
            f"checkpoint {self._path} cannot be used ({error}); delete it, or make room and rights to write it"
        )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def prompts_digest(prompts: Sequence[Sequence[int]]) -> str:
    """Give a hash of the token ids of prompts."""
    return hashlib.sha256(json.dumps([list(prompt) for prompt in prompts]).encode()).hexdigest()


def weights_digest(model: LanguageModel) -> str:
    """Give a hash of a model's weights and its acceptance head's, from spread samples of each tensor."""
    modules = [model.model] if model.acceptance_head is None else [model.model, model.acceptance_head]
    digest = hashlib.sha256()
    for module in modules:
        for name, tensor in module.state_dict().items():
            flat = tensor.detach().reshape(-1)
            sample = flat[:: max(1, len(flat) // SAMPLES)].to("cpu", torch.float64)
            digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(sample.numpy().tobytes())
    return digest.hexdigest()
