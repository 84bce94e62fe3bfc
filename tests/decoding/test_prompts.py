import json

import pytest

from ahasd.decoding.prompts.prompt_files import Prompt, read_prompts
from ahasd.errors import AhasdError


def write(tmp_path, *lines):
    path = tmp_path / "prompts.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_spec_bench_lines(tmp_path):
    line = {
        "question_id": 81,
        "category": "writing",
        "turns": ["Compose a blog.", "Rewrite it."],
        "reference": [],
    }
    (prompt,) = read_prompts(write(tmp_path, json.dumps(line), ""))
    assert prompt == Prompt("81", "writing", ("Compose a blog.", "Rewrite it."))
    assert prompt.text == "Compose a blog."


def test_prompt_lines_are_numbered_as_in_the_file(tmp_path):
    prompts = read_prompts(write(tmp_path, "", '{"prompt": "a\\nb"}', "", '{"prompt": "c", "category": "x"}'))
    assert prompts == [Prompt("2", "", ("a\nb",)), Prompt("4", "x", ("c",))]


def test_plain_text_has_one_prompt_per_line(tmp_path):
    prompts = read_prompts(write(tmp_path, "Why is the sky blue?", "  ", "What of {braces}?"))
    assert [prompt.text for prompt in prompts] == ["Why is the sky blue?", "What of {braces}?"]


def test_unescaped_line_separators_inside_json_do_not_split(tmp_path):
    (prompt,) = read_prompts(write(tmp_path, json.dumps({"prompt": "a\u2028b"}, ensure_ascii=False)))
    assert prompt.text == "a\u2028b"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": ', "it is not valid JSON: line 1, column 11: Expecting value"),
        ("plain after JSON", "not valid JSON"),
        ("[1]", "a JSON list; must be an object"),
        ('{"text": "x"}', "neither 'turns' nor 'prompt' among its fields: text"),
        ('{"turns": []}', "'turns' must be a list"),
        ('{"turns": "x"}', "'turns' must be a list"),
        ('{"turns": ["x", ""]}', "must be a string that is not empty"),
        ('{"prompt": 3}', "must be a string that is not empty, not 3"),
    ],
)
def test_a_bad_line_is_named_with_its_file(tmp_path, line, message):
    path = write(tmp_path, '{"prompt": "good"}', line)
    with pytest.raises(AhasdError, match=rf"prompts\.jsonl, line 2: .*{message}"):
        read_prompts(path)


def test_unreadable_files_are_refused(tmp_path):
    with pytest.raises(AhasdError, match="does not exist"):
        read_prompts(tmp_path / "absent.jsonl")
    with pytest.raises(AhasdError, match="cannot be read"):
        read_prompts(tmp_path)
    with pytest.raises(AhasdError, match="holds no prompt"):
        read_prompts(write(tmp_path, "", "  "))
    (tmp_path / "latin").write_bytes(b"caf\xe9 au lait")
    with pytest.raises(AhasdError, match="not text in UTF-8"):
        read_prompts(tmp_path / "latin")
