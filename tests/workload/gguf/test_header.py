"""Headers of GGUF files: both versions, both orders of bytes, and every way in which a file can be none."""

import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.workload.readers.gguf.header import read_header

from .files import (
    F32,
    KINDS,
    MODELS,
    Q4_0,
    TOKENS,
    gguf_bytes,
    matrix,
    tensor_bytes,
    text,
    vector,
    write_gguf,
)

VALUES, TENSORS = MODELS["llama"]
HUGE = 2**60


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("order", ["<", ">"])
def test_keys_and_tensors_are_read_in_either_order_of_bytes(tmp_path: Path, version: int, order: str) -> None:
    header = read_header(str(write_gguf(tmp_path / "m.gguf", VALUES, TENSORS, version=version, order=order)))
    assert header.values["llama.embedding_length"] == 256
    assert header.values["llama.rope.freq_base"] == 10000.0
    assert header.values["tokenizer.ggml.tokens"] == tuple(TOKENS)
    assert header.values["tokenizer.ggml.token_type"] == tuple(KINDS)
    assert [(tensor.name, tensor.shape) for tensor in header.tensors] == [info[:2] for info in TENSORS]
    assert [tensor.bytes for tensor in header.tensors] == [tensor_bytes(info) for info in TENSORS]


def test_the_first_version_and_later_ones_are_refused_by_name(tmp_path: Path) -> None:
    for version, message in (
        (1, "GGUF version 1, of August 2023"),
        (4, "GGUF version 4; read are versions 2 and 3"),
    ):
        path = write_gguf(tmp_path / f"{version}.gguf", {}, version=version)
        with pytest.raises(AhasdError, match=message):
            read_header(str(path))


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "is too short"),
        (b"GG", "is too short"),
        (b"PK\x03\x04zip", "it is no GGUF file: it begins with b'PK"),
        (b"GGUF", "ends before its version"),
        (b"GGUF" + struct.pack("<I", 3), "ends before the number of tensors"),
    ],
)
def test_what_is_no_gguf_file_is_told(tmp_path: Path, contents: bytes, message: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(contents)
    with pytest.raises(AhasdError, match=message):
        read_header(str(path))


def test_a_folder_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="no ordinary file"):
        read_header(str(tmp_path))
    with pytest.raises(AhasdError, match="No such file"):
        read_header(str(tmp_path / "none.gguf"))


def claims(what: str) -> bytes:
    """A file in which one length or number is 2^60."""
    start = b"GGUF" + struct.pack("<I", 3)
    one_key = start + struct.pack("<QQ", 0, 1)
    huge = struct.pack("<Q", HUGE)
    return {
        "tensors": start + struct.pack("<QQ", HUGE, 0),
        "keys": start + struct.pack("<QQ", 0, HUGE),
        "name of a key": one_key + huge,
        "text": one_key + text("general.name") + struct.pack("<I", 8) + huge,
        "texts": one_key + text("tokenizer.ggml.tokens") + struct.pack("<II", 9, 8) + huge,
        "numbers": one_key + text("tokenizer.ggml.token_type") + struct.pack("<II", 9, 5) + huge,
        "text in an array": one_key + text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1) + huge,
        "name of a tensor": start + struct.pack("<QQ", 1, 0) + huge,
        "tensor": gguf_bytes({}, [("a.weight", (2**40, 2**20), F32)])[0],
    }[what] + bytes(256)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("tensors", "claims 1,152,921,504,606,846,976 tensors, for which a file"),
        ("keys", "claims 1,152,921,504,606,846,976 keys, for which a file"),
        ("name of a key", "name of key 1 would be of 1,152,921,504,606,846,976 bytes"),
        ("text", "ends before the text of general.name of 1,152,921,504,606,846,976 bytes"),
        ("texts", "tokens would have 1,152,921,504,606,846,976 elements"),
        ("numbers", "token_type would have 1,152,921,504,606,846,976 elements"),
        ("text in an array", "a text of 1,152,921,504,606,846,976 bytes"),
        ("name of a tensor", "name of tensor 1 would be of 1,152,921,504,606,846,976 bytes"),
        ("tensor", "tensors end at byte"),
    ],
)
def test_a_claim_of_two_to_the_sixtieth_is_refused_and_nothing_allocated(
    tmp_path: Path, what: str, message: str
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(claims(what))
    tracemalloc.start()
    try:
        with pytest.raises(AhasdError, match=message):
            read_header(str(path))
        assert tracemalloc.get_traced_memory()[1] < 4e6
    finally:
        tracemalloc.stop()


def test_a_header_beyond_all_measure_is_not_walked_through(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    key = struct.pack("<IIQ", 9, 5, 1 << 22)
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, 30))
        for number in range(30):
            file.write(text(f"key {number}") + key)
            file.seek(4 << 22, 1)
        file.write(b"end")
    with pytest.raises(AhasdError, match="its header would be longer than the 128 MiB"):
        read_header(str(path))


def test_a_hole_in_the_place_of_keys_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 60000))
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(AhasdError, match="it has the key '' twice"):
        read_header(str(path))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_an_incomplete_download_is_told_with_what_is_missing(tmp_path: Path, share: float) -> None:
    path = write_gguf(tmp_path / "m.gguf", VALUES, TENSORS)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(int(size * share))
    with pytest.raises(AhasdError, match="incomplete"):
        read_header(str(path))


def test_the_last_byte_of_the_last_tensor_counts_and_padding_behind_it_does_not(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", {}, [vector("a", 3)])
    _, size = gguf_bytes({}, [vector("a", 3)])
    with path.open("r+b") as file:
        file.truncate(size - 20)
    assert read_header(str(path)).tensors[0].bytes == 12
    with path.open("r+b") as file:
        file.truncate(size - 21)
    with pytest.raises(AhasdError, match="1 bytes are missing"):
        read_header(str(path))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ([("a.weight", (33, 2), Q4_0)], "no whole number of blocks of 32"),
        ([("a.weight", (0,), F32)], "no whole number"),
        ([("a.weight", (1, 1, 1, 1, 1), F32)], "would have 5 axes"),
        ([vector("a", 3), vector("a", 3)], "lists the tensor a.weight twice"),
    ],
)
def test_tensors_that_cannot_be_are_told(tmp_path: Path, tensors: list, message: str) -> None:
    path = write_gguf(tmp_path / "m.gguf", {}, tensors)
    with pytest.raises(AhasdError, match=message):
        read_header(str(path))


def test_a_type_that_is_not_known_is_named_with_those_that_are(tmp_path: Path) -> None:
    head, _ = gguf_bytes({}, [matrix("a", 32, 1, Q4_0)])
    path = tmp_path / "m.gguf"
    path.write_bytes(head[:-12] + struct.pack("<IQ", 99, 0) + bytes(100))
    with pytest.raises(AhasdError, match=r"tensor a.weight is of type 99.*known are 0 f32, 1 f16, 2 q4_0"):
        read_header(str(path))


def test_an_alignment_that_is_none_is_told(tmp_path: Path) -> None:
    for alignment in (0, 24, 1 << 30):
        path = write_gguf(tmp_path / "m.gguf", {"general.alignment": alignment}, [vector("a", 3)])
        with pytest.raises(AhasdError, match=r"alignment is .*, which is no power of two"):
            read_header(str(path))


def test_long_texts_and_merges_are_passed_over(tmp_path: Path) -> None:
    values = {"chat": "x" * 70000, "tokenizer.ggml.merges": ["a b"] * 70000, "after": 7}
    assert dict(read_header(str(write_gguf(tmp_path / "m.gguf", values))).values) == {"after": 7}


@settings(max_examples=200)
@given(place=st.integers(0, 2000), value=st.binary(min_size=1, max_size=8))
def test_a_broken_byte_is_told_or_makes_another_header(tmp_path_factory, place: int, value: bytes) -> None:
    head, size = gguf_bytes(VALUES, TENSORS[:4])
    at = place % len(head)
    path = tmp_path_factory.mktemp("broken") / "m.gguf"
    path.write_bytes((head[:at] + value + head[at + len(value) :])[:size])
    with path.open("r+b") as file:
        file.truncate(size)
    with suppress(AhasdError):
        read_header(str(path))
