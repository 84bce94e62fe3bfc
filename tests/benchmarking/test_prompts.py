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


def test_datasets_of_others_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text(
        '{"task_id": "HumanEval/0", "prompt": "def f():\\n", "entry_point": "f", "test": "assert"}\n'
        '{"question_id": 81, "category": "writing", "turns": ["one", "two"], "reference": []}\n'
        '{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}\n'
        '{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "one"},'
        ' {"role": "assistant", "content": "b"}, {"role": "user", "content": "two"}]}\n'
    )
    found = read_prompt_list(path)
    assert [prompt.question_id for prompt in found] == ["HumanEval/0", "81", "3", "4"]
    assert [prompt.turns for prompt in found] == [("def f():\n",), ("one", "two"), ("a",), ("one", "two")]
    assert found[1].category == "writing"
    as_list = tmp_path / "list.json"
    as_list.write_text('[{"turns": ["a", "b"], "category": "c"}]')
    assert read_prompt_list(as_list)[0].turns == ("a", "b")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"prompt": "a"}\n{"prompt": 3}\n', r"p.jsonl, line 2: field 'prompt': must be a string"),
        ('{"turns": ["a", ""]}\n', r"line 1: field 'turns', entry 2: must be a string that is not empty"),
        ('{"turns": "a"}\n', r"line 1: 'turns' must be a list"),
        ('{"messages": [{"role": "user"}]}\n', r"line 1: field 'messages', entry 1: must be a message"),
        ('{"messages": [{"role": "user", "content": 1}]}\n', r"field 'messages', entry 1, 'content': must"),
        ('{"turns": [{"role": "assistant", "content": "a"}]}\n', "field 'turns': no message of a user"),
        ('{"text": "a"}\n', r"line 1: neither 'turns' nor 'prompt' among its fields: text"),
        ('[{"turns": []}]', r"entry 1: 'turns' must be a list of at least one"),
        ('{"prompt": "a"}\n{"prompt": \n', "line 2: it is not valid JSON"),
    ],
)
def test_wrong_forms_are_named_by_file_line_and_field(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(content)
    with pytest.raises(AhasdError, match=said):
        read_prompt_list(path)
