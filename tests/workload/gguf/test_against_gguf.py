"""Our reader of headers and our table of types against llama.cpp's own Python package."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.workload.ggml_formats import GGML_TYPES
from ahasd.workload.readers.gguf.architectures import ARCHITECTURES
from ahasd.workload.readers.gguf.file_types import _NAMES
from ahasd.workload.readers.gguf.header import read_header
from ahasd.workload.readers.gguf.parts import read_parts
from ahasd.workload.readers.gguf.tensor_groups import _GROUPS, _TABLES

gguf = pytest.importorskip("gguf", reason="the extra `dev` is not installed")

#: Types that only exist while a product is computed.
COMPUTED = {"Q8_1", "Q8_K"}


def write(path: Path, big: bool = False, **how: Any) -> None:
    """A file of every type of tensor and every kind of value."""
    order = gguf.GGUFEndian.BIG if big else gguf.GGUFEndian.LITTLE
    writer = gguf.GGUFWriter(path, "llama", endianess=order, **how)
    writer.add_uint32("llama.block_count", 7)
    writer.add_float32("llama.rope.freq_base", 1e6)
    writer.add_bool("flag", True)
    writer.add_int64("wide", -(2**40))
    writer.add_array("llama.attention.head_count_kv", [1, 2, 3])
    writer.add_token_list(["a", "ä", "\u0120the"])
    writer.add_token_types([1, 3, 6])
    for number, kept in sorted(GGML_TYPES.items()):
        raw = np.zeros((2, 3 * kept.block_bytes), np.uint8)
        # Shapes of plain types are those of their elements.
        quantised = kept.block > 1
        writer.add_tensor(
            f"blk.{number}.attn_q.weight",
            raw,
            raw_shape=None if quantised else (2, 3 * kept.block_bytes),
            raw_dtype=gguf.GGMLQuantizationType(number if quantised else 24),
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("big", [False, True])
def test_headers_are_read_as_the_package_reads_them(tmp_path: Path, big: bool) -> None:
    path = tmp_path / "model.gguf"
    write(path, big)
    ours, theirs = read_header(str(path)), gguf.GGUFReader(path)
    assert [(t.name, t.shape, t.elements, t.bytes) for t in ours.tensors] == [
        (t.name, tuple(map(int, t.shape)), int(t.n_elements), int(t.n_bytes)) for t in theirs.tensors
    ]
    for key, value in ours.values.items():
        field = theirs.get_field(key).contents()
        assert value == (tuple(field) if isinstance(field, list) else field), key
    assert set(ours.values) == {key for key in theirs.fields if not key.startswith("GGUF.")}


def test_parts_that_the_package_writes_are_joined(tmp_path: Path) -> None:
    write(tmp_path / "model.gguf", split_max_tensors=10)
    parts = sorted(tmp_path.glob("*.gguf"))
    assert len(parts) > 2
    write(tmp_path / "whole.gguf")
    assert read_parts(str(parts[1])).tensors == read_header(str(tmp_path / "whole.gguf")).tensors


def test_blocks_and_bytes_of_every_type_are_the_packages() -> None:
    theirs = {
        int(kind): (kind.name.lower(), *gguf.GGML_QUANT_SIZES[kind])
        for kind in gguf.GGMLQuantizationType
        if kind.name not in COMPUTED
    }
    ours = {number: (kept.name, kept.block, kept.block_bytes) for number, kept in GGML_TYPES.items()}
    # A newer package may know more.
    assert {number: theirs[number] for number in ours} == ours


def test_names_of_mixes_architectures_and_tensors_are_the_packages() -> None:
    mixes = {int(kind): kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in gguf.LlamaFileType}
    assert {number: mixes[number] for number in _NAMES} == _NAMES
    assert set(ARCHITECTURES) <= set(gguf.MODEL_ARCH_NAMES.values())
    tensors = {name.rsplit(".", 1)[-1] for name in gguf.TENSOR_NAMES.values()}
    assert {*_GROUPS, *_TABLES} <= tensors
