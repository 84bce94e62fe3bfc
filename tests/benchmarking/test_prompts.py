"""Prompt files: a JSON list, and everything else as the recorder reads it."""

from pathlib import Path

import pytest

from ahasd.benchmarking.prompts import read_prompt_list
from ahasd.errors import AhasdError


def texts(folder: Path, content: str) -> list[str]:
    path = folder / "prompts"
    path.write_text(content, encoding="utf-8")
    return [prompt.text for prompt in read_prompt_list(path)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('["one\\ntwo",\n "drei 🙂"]', ["one\ntwo", "drei 🙂"]),
        ('{"turns": ["a", "b"]}\n{"prompt": "c"}\n', ["a", "c"]),
        ("one\n\ntwo\n", ["one", "two"]),
        ("[no JSON\n", ["[no JSON"]),
    ],
)
def test_every_form_is_read(tmp_path: Path, content: str, expected: list[str]) -> None:
    assert texts(tmp_path, content) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "holds no prompt"),
        ('["a", 3]', "entry 2: must be a string"),
        ('["a", " "]', "entry 2"),
        ("", "no prompt"),
    ],
)
def test_lists_without_texts_are_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        texts(tmp_path, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="gone' does not exist"):
        read_prompt_list(tmp_path / "gone")
