"""The tokens of the tokenizer that lies beside a `config.json`, and whose tokenizer that is."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError

#: Tokens by their number.
Vocabulary = dict[int, str]

#: Tokens whose text is hashed at once (ours).
_PIECE = 4096

#: Published tokenizers: ordinary tokens, and the numbers of a few that tell it from others of its size. The tokens of
#: "Hello world" and the commonest word; as the models' own tokenizers number them.
_KNOWN: dict[str, tuple[int, Vocabulary]] = {
    "llama2": (32000, {15043: "\u2581Hello", 3186: "\u2581world", 278: "\u2581the"}),
    "mistral": (32000, {22557: "\u2581Hello", 1526: "\u2581world", 272: "\u2581the"}),
    "llama3": (128000, {9906: "Hello", 1917: "\u0120world", 279: "\u0120the"}),
    "qwen2": (151643, {9707: "Hello", 1879: "\u0120world", 279: "\u0120the"}),
    "opt": (50265, {31414: "Hello", 232: "\u0120world", 5: "\u0120the"}),
    "gpt2": (50257, {15496: "Hello", 995: "\u0120world", 262: "\u0120the"}),
}


def tokenizer_of(vocabulary: Vocabulary) -> str:
    """Name a tokenizer: the published one that it is, or one of its own, the same for equal vocabularies."""
    for name, (size, some) in _KNOWN.items():
        if len(vocabulary) == size and all(vocabulary.get(number) == token for number, token in some.items()):
            return name
    return _own_name(sorted(vocabulary.items()))


def tokenizer_of_list(tokens: Sequence[str], ordinary: int) -> str:
    """Name a tokenizer by the list of all its tokens, of which the first so many are ordinary ones.

    A published one counts some of its added tokens among its own (GPT-2 its end of text).
    """
    for name, (size, some) in _KNOWN.items():
        fits = ordinary <= size <= len(tokens)
        if fits and all(number < size and tokens[number] == token for number, token in some.items()):
            return name
    return _own_name(enumerate(tokens[:ordinary]))


def _own_name(numbered: Iterable[tuple[int, str]]) -> str:
    """Name by the hash of all pairs as one list in JSON, of which only a piece is in memory at a time."""
    digest, pairs, begun = hashlib.sha256(b"["), iter(numbered), False
    while piece := list(islice(pairs, _PIECE)):
        digest.update((", " * begun + json.dumps(piece)[1:-1]).encode())
        begun = True
    digest.update(b"]")
    return f"vocabulary-{digest.hexdigest()[:12]}"


def read_vocabulary(folder: Path) -> Vocabulary | None:
    """Read the ordinary tokens of the tokenizer in a folder; None if there is none that can be read.

    Added tokens that a `tokenizer.json` lists apart are left out: chat models of one tokenizer differ in them.

    Raises
    ------
    AhasdError
        A file of a tokenizer is broken.
    """
    for name, read in (("tokenizer.json", _tokenizer_json), ("vocab.json", _vocab_json)):
        if (folder / name).is_file():
            try:
                return read(json.loads((folder / name).read_text(encoding="utf-8")))
            except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                raise AhasdError(f"{folder / name} is no tokenizer that can be read: {error}") from error
    model = folder / "tokenizer.model"
    return _sentencepiece(model) if model.is_file() else None


def _tokenizer_json(document: Any) -> Vocabulary:
    tokens = document["model"]["vocab"]
    if isinstance(tokens, dict):
        return _vocab_json(tokens)
    return {number: str(entry[0]) for number, entry in enumerate(tokens)}


def _vocab_json(tokens: dict[str, int]) -> Vocabulary:
    return {int(number): token for token, number in tokens.items()}


def _sentencepiece(path: Path) -> Vocabulary | None:
    """Tokens of a SentencePiece model; None if the file is of another kind (tiktoken's have the same name).

    The file is a protocol buffer whose first field, repeated, is a piece; the first field of a piece is its text.
    """
    try:
        pieces = [
            next(text for field, text in _fields(piece) if field == 1).decode()
            for field, piece in _fields(path.read_bytes())
            if field == 1
        ]
    except OSError as error:
        raise AhasdError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, IndexError, StopIteration):
        return None
    return dict(enumerate(pieces)) or None


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and contents of the fields of a protocol-buffer message; numbers are given as no contents."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            _, end = _varint(message, place)
            start = end
        elif kind == 2:
            length, start = _varint(message, place)
            end = start + length
        elif kind in (1, 5):
            start = end = place + (8 if kind == 1 else 4)
        else:
            raise ValueError(f"no protocol buffer: a field of kind {kind}")
        if end > len(message):
            raise ValueError("no protocol buffer: a field goes beyond the end")
        yield key >> 3, message[start:end]
        place = end


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
