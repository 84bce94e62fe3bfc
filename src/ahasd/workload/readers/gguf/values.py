"""The values of a GGUF header: numbers, texts, and arrays of them, as far as they are wanted."""

from struct import Struct
from typing import Final

from ahasd.workload.readers.gguf.bounded_file import BoundedFile

#: Letter of `struct` for each kind of number (GGUF specification, `gguf_metadata_value_type`).
_NUMBERS: Final = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_TEXT, _ARRAY = 8, 9

#: Bytes of a name, by the specification; of a text that is kept, and elements of an array that is walked over and of
#: one that is kept (ours: tokenizers have up to some 300,000 tokens, 500,000 merges).
MOST_NAME, _MOST_TEXT, _MOST_ELEMENTS, _MOST_KEPT = 65535, 65536, 1 << 22, 65536

#: Arrays that are kept however long they are.
TOKENS, TOKEN_TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"

Scalar = int | float | bool | str
Value = Scalar | tuple[Scalar, ...]


def read_name(file: BoundedFile, what: str) -> str:
    """Read a name.

    Raises
    ------
    AhasdError
        It is longer than a name may be, or the file ends before.
    """
    length = file.count("Q", f"the length of {what}")
    if length > min(MOST_NAME, file.left):
        raise file.wrong(
            f"{what} would be of {length:,} bytes, where a name has at most {MOST_NAME:,} and the file "
            f"{file.left:,} more: it is broken or no model"
        )
    return file.take(length, what).decode("utf-8", "replace")


def read_value(file: BoundedFile, key: str) -> Value | None:
    """Read the value of a key, or pass over it and return None: texts and arrays that are long and not wanted.

    Raises
    ------
    AhasdError
        It is of no known kind, longer than the file, or longer than anything that a model has.
    """
    return _value(file, key, file.count("I", f"the kind of {key}"))


def _value(file: BoundedFile, key: str, kind: int) -> Value | None:
    if kind == _TEXT:
        length = file.count("Q", f"the length of {key}")
        if length > _MOST_TEXT:
            file.skip(length, f"the text of {key}")
            return None
        return file.take(length, f"the text of {key}").decode("utf-8", "replace")
    if kind == _ARRAY:
        return _array(file, key)
    if kind not in _NUMBERS:
        raise file.wrong(f"{key} is of kind {kind}, which GGUF does not have")
    return file.number(_NUMBERS[kind], key)


def _array(file: BoundedFile, key: str) -> Value | None:
    kind, count = file.count("I", f"the kind of {key}"), file.count("Q", f"the length of {key}")
    keep = count <= _MOST_KEPT or key in (TOKENS, TOKEN_TYPES)
    least = 8 if kind == _TEXT else Struct(f"<{_NUMBERS[kind]}").size if kind in _NUMBERS else 0
    if not least:
        raise file.wrong(f"{key} is an array of kind {kind}, which is not read")
    if count * least > file.left or count > _MOST_ELEMENTS:
        raise file.wrong(
            f"{key} would have {count:,} elements; at most {_MOST_ELEMENTS:,} are read, and the file has "
            f"{file.left:,} more bytes: it is broken or no model"
        )
    if kind == _TEXT:
        return _texts(file, key, count, keep)
    if not keep:
        file.skip(count * least, key)
        return None
    return Struct(f"{file.order}{count}{_NUMBERS[kind]}").unpack(file.take(count * least, key))


def _texts(file: BoundedFile, key: str, count: int, keep: bool) -> tuple[str, ...] | None:
    """An array of texts, in a loop of its own: tokenizers have hundreds of thousands."""
    length_of, found = Struct(file.order + "Q").unpack, []
    for _ in range(count):
        length = length_of(file.take(8, key))[0]
        if length > MOST_NAME:
            raise file.wrong(
                f"{key} has a text of {length:,} bytes, more than the {MOST_NAME:,} of one: it is broken"
            )
        text = file.take(length, key)
        if keep:
            # What is no UTF-8 is kept apart, so that different tokens stay different.
            found.append(text.decode("utf-8", "surrogateescape"))
    return tuple(found) if keep else None
