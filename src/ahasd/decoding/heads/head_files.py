"""Reading and writing the files of heads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import safe_open

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.byte_matrices import from_bytes, to_bytes
from ahasd.decoding.models.model_folder import naming
from ahasd.errors import AhasdError
from ahasd.speculation.trees.guesses import Probabilities
from ahasd.text_files import DOCUMENT_BYTES, parse_json, read_text
from ahasd.whole_files import write_whole


def write_heads(
    folder: Path, document: tuple[str, Mapping[str, Any]], weights: tuple[str, Mapping[str, Any]]
) -> None:
    """Write a document and tensors, matrices in a byte per weight, each under its name, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        document[0]: (json.dumps(dict(document[1]), indent=2) + "\n").encode(),
        weights[0]: safetensors.torch.save(to_bytes(weights[1])),
    }
    write_whole(folder, contents)


def read_tensors(path: Path, what: str) -> dict[str, Any]:
    """Read tensors in single precision.

    Raises
    ------
    AhasdError
        The file is not there, damaged, or holds values that are not finite.
    """
    with naming(f"{what}: {path.name} cannot be read; train it again"):
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            tensors = from_bytes({name: file.get_tensor(name) for name in names})
        bad = [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
        if bad:
            raise AhasdError(f"{what}: {bad[0]} has weights that are infinite or not numbers; train it again")
    return tensors


def read_document(path: Path, what: str) -> dict[str, Any]:
    """Read the document of heads.

    Raises
    ------
    AhasdError
        It is not there, or no document.
    """
    document = parse_json(read_text(path, f"{what}: {path.name}", DOCUMENT_BYTES), str(path))
    if not isinstance(document, dict):
        raise AhasdError(f"{what}: {path.name} is no document of heads; train them again")
    return document


def checked_accuracy(document: Mapping[str, Any], what: str) -> Probabilities:
    """Take out of a document how often each candidate of each depth is right.

    Raises
    ------
    AhasdError
        It is not there, or holds something else than shares, as many for every depth.
    """
    rows = document.get("accuracy")
    if not isinstance(rows, list) or not rows or not all(_is_shares(row, rows[0]) for row in rows):
        raise AhasdError(
            f"{what}: the document does not say how often its candidates are right; train them again"
        )
    return [[float(share) for share in row] for row in rows]


def _is_shares(row: Any, first: Any) -> bool:
    """Whether it is a list of shares, as many as in the first."""
    return (
        isinstance(row, list)
        and isinstance(first, list)
        and 0 < len(row) == len(first)
        and all(
            isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
            for share in row
        )
    )
