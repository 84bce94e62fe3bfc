"""Models in several files."""

from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.readers.gguf.model import spec_from_gguf
from ahasd.workload.readers.gguf.parts import model_name, read_parts

from .files import MODELS, write_gguf

VALUES, TENSORS = MODELS["llama"]
COUNT = 3


def write_parts(
    folder: Path, left_out: tuple[int, ...] = (), numbers: tuple[int, ...] = (0, 1, 2)
) -> list[Path]:
    """The small model in three parts; the first has all keys."""
    found = []
    for number in range(COUNT):
        path = folder / f"model-{number + 1:05}-of-{COUNT:05}.gguf"
        found.append(path)
        if number in left_out:
            continue
        split = {"split.no": numbers[number], "split.count": COUNT, "split.tensors.count": len(TENSORS)}
        own = VALUES | split if number == 0 else split
        write_gguf(path, own, TENSORS[number::COUNT])
    return found


def test_any_part_is_the_whole_model(tmp_path: Path) -> None:
    whole = spec_from_gguf(write_gguf(tmp_path / "model.gguf", VALUES, TENSORS))
    for path in write_parts(tmp_path):
        assert spec_from_gguf(path) == whole
    assert model_name("a/b/model-00002-of-00003.gguf") == "model"


def test_missing_parts_are_named(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, left_out=(0, 2))
    with pytest.raises(
        AhasdError, match=r"2 of the 3 parts.*model-00001-of-00003.gguf, model-00003-of-00003.gguf"
    ):
        read_parts(str(parts[1]))


def test_a_part_under_another_name_is_told(tmp_path: Path) -> None:
    parts = write_parts(tmp_path)
    parts[0].rename(tmp_path / "mine.gguf")
    with pytest.raises(AhasdError, match=r"one of 3 parts.*-00001-of-00003.gguf"):
        read_parts(str(tmp_path / "mine.gguf"))


def test_parts_of_different_models_are_told(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, numbers=(0, 2, 1))
    with pytest.raises(AhasdError, match=r"it is part 2 \(from 0\), by its name part 1"):
        read_parts(str(parts[0]))
    write_parts(tmp_path)
    write_gguf(parts[1], {"split.no": 1, "split.count": 3}, TENSORS[::COUNT])
    with pytest.raises(AhasdError, match="hold the same tensor"):
        read_parts(str(parts[0]))
    write_gguf(parts[1], {"split.no": 1, "split.count": 3}, [])
    with pytest.raises(AhasdError, match="are promised"):
        read_parts(str(parts[0]))
