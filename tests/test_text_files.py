"""Users' text files: type and size are seen to first, and nothing in one hangs, fills the memory or is misread."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.text_files import MOST_DIGITS, parse_json, plain_number, read_file, read_text
from ahasd.yaml_text import MOST_ALIASES, MOST_LEVELS, parse_yaml


def test_a_text_is_read_with_any_ending_of_lines_and_mark(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("\ufeffµ\r\nb\n".encode())
    assert read_text(tmp_path / "a", "notes") == "µ\nb\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pipe", "it is a pipe"),
        ("/dev/zero", "it is a device"),
        ("link", "it is a device"),
        (".", "Is a directory"),
        ("gone", "does not exist"),
        ("n" * 300, "File name too long"),
        ("a\0b", "embedded null byte"),
        ("large", "larger than the 1 MiB"),
        ("latin", r"not text in UTF-8 \(.* at byte 3"),
    ],
)
def test_what_is_no_text_of_that_size_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.symlink("/dev/zero", "link")
    with open("large", "wb") as file:
        file.truncate(2**40)  # takes no room on the disk, and all of the memory if it were read
    Path("latin").write_bytes(b"caf\xe9")
    with pytest.raises(AhasdError, match=f"^notes '.*{reason}" if reason else ""):
        read_text(name, "notes", 2**20)


def test_a_file_that_hides_its_size_ends_too() -> None:
    assert os.stat("/proc/self/maps").st_size == 0
    assert read_file("/proc/self/maps", "map")
    with pytest.raises(AhasdError, match="larger"):
        read_file("/proc/self/maps", "map", 10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ("9" * 5000, "a whole number of 5000 digits"),
        ("NaN", "NaN is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity is no number of JSON"),
        ('{"a": 1_000}', "line 1, column 8: Expecting ',' delimiter"),
        ("", "line 1, column 1"),
    ],
)
def test_json_that_cannot_be_meant(text: str, reason: str) -> None:
    with pytest.raises(AhasdError, match=f"^x is .*{re.escape(reason)}"):
        parse_json(text, "x")


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, f"nested more than {MOST_LEVELS} levels"),
        ("a: " + "{b: " * 60, "nested more than"),
        (bomb(9), f"more than {MOST_ALIASES} aliases"),
        ("a: " + "9" * 5000, "a number of 5000 digits"),
        ("a: 2024-99-99", "month must be in 1..12"),
        ("a: 1_000", "line 1: YAML takes 1_000 for another number"),
        ("b: 1\na: 1_0.5", "line 2: YAML takes 1_0.5 for another number"),
        ("a: 010", "YAML takes 010 for another number"),
        ("a: 1:30", "YAML takes 1:30 for another number"),
        ("a: [1", "is not valid YAML: line 2, column 1: did not find"),
        ("a: !!python/object/apply:os.system [true]", "could not determine a constructor"),
        ("a: \x07", "is not valid YAML: "),
    ],
)
def test_yaml_that_cannot_be_meant(text: str, reason: str) -> None:
    with pytest.raises(AhasdError, match=f"^x.*{re.escape(reason)}"):
        parse_yaml(text, "x")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 0", 0),
        ("a: 0.5", 0.5),
        ("a: -10.25", -10.25),
        ("a: '1_000'", "1_000"),
        ("a: x_1", "x_1"),
        ("a: 1e-9", "1e-9"),  # of YAML 1.1
        ("a: &b [1, 2]", [1, 2]),
    ],
)
def test_yaml_that_is_read_as_it_looks(text: str, value: Any) -> None:
    assert parse_yaml(text, "x") == {"a": value}


def test_a_few_aliases_are_no_bomb() -> None:
    assert parse_yaml("a: &a {b: 1}\nc: *a\nd: *a", "x") == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1}}


@pytest.mark.parametrize("text", ["1_000", "1_0.5", "-1_000", "1_0e5", " 1_000 "])
def test_digits_parted_by_underscores_are_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="underscore"):
        plain_number(text)


@pytest.mark.parametrize(
    "value", ["1000", "fixed_1", "1e-9", "_1", "a_1_000", 1000, None, f"{10**MOST_DIGITS}"]
)
def test_all_else_passes(value: Any) -> None:
    assert plain_number(value) == value
