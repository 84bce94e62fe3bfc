"""``ahasd generate`` and ``ahasd bench`` with several prompts in one pass."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

PROMPTS = ("def read(path):\n", "import os\n", "x")
GIVEN = tuple(part for prompt in PROMPTS for part in ("--prompt", prompt))
SHORT = ("--max-new-tokens", "12")


def test_several_prompts_are_shown_in_order_each_as_if_it_were_alone(ahasd: Any) -> None:
    ending = ahasd("generate", *GIVEN, *SHORT)
    assert ending.code == 0, ending.err
    assert ending.err.startswith("3 texts, 36 tokens in ")
    alone = [ahasd("generate", "--prompt", prompt, *SHORT).out for prompt in PROMPTS]
    headings = ("== 1 of 3: def read(path):\n", "== 2 of 3: import os\n", "== 3 of 3: x\n")
    assert ending.out == "".join(heading + text for heading, text in zip(headings, alone, strict=True))


def test_json_and_record_hold_every_text(ahasd: Any, tmp_path: Path) -> None:
    ending = ahasd("generate", *GIVEN, *SHORT, "--json", "--batch", "2", "--record", "run.json")
    document = json.loads(ending.out)
    alone = [json.loads(ahasd("generate", "--prompt", prompt, *SHORT, "--json").out) for prompt in PROMPTS]
    assert [each["tokens"] for each in document] == [each["tokens"] for each in alone]
    assert [each["text"] for each in document] == [each["text"] for each in alone]
    assert len(json.loads((tmp_path / "run.json").read_text())) == 3


def test_with_batch_a_prompt_file_holds_several_prompts(ahasd: Any, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("import os\nx = 1\n")
    base = ("generate", "--prompt-file", "prompts.txt", *SHORT, "--json")
    assert len(json.loads(ahasd(*base, "--batch", "16").out)) == 2
    assert json.loads(ahasd(*base).out)["prompt_tokens"], "without it, the file is the prompt"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--batch", "17"), "batch size is 17; must be 1 to 16"),
        (("--batch", "0"), "batch size is 0"),
        (("--prompt", ""), "prompt 4 of 4: the prompt has no tokens"),
        (("--method", "async"), "method 'async' decodes one prompt at a time"),
        (("--prompt-file", "x"), "give one prompt"),
    ],
)
def test_bad_batches_are_refused_in_one_line(refused: Any, options: tuple[str, ...], said: str) -> None:
    message = refused("generate", *GIVEN, *SHORT, *options)
    assert said in message
    assert message.count("\n") == 1


def test_bench_says_up_to_which_batch_drafting_pays(ahasd: Any, tmp_path: Path) -> None:
    base = (
        "bench",
        "--batch",
        "3,1",
        "--repetitions",
        "1",
        "--max-new-tokens",
        "8",
        "--algorithm",
        "fixed:2",
    )
    ending = ahasd(*base, "--output", "out")
    assert ending.code == 0, ending.err
    assert ending.out.startswith("Drafting ")
    assert max(map(len, ending.out.splitlines())) <= 100
    document = json.loads((tmp_path / "out" / "batches.json").read_text())
    assert document["sentence"].startswith("Drafting ")
    rows = document["batches"]
    assert [row["size"] for row in rows] == [1, 1, 1, 3, 3, 3]
    assert {row["method"] for row in rows} == {"autoregressive", "speculative"}
    assert all(row["differing_texts"] == 0 and row["tokens_per_second"]["median"] > 0 for row in rows)
    assert all(row["speedup"]["median"] == 1 for row in rows if row["method"] == "autoregressive")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--batch", "1,40"), "batch size is 40"),
        (("--batch", "two"), "'two' is no number of prompts"),
        (("--batch", "2", "--methods", "autoregressive,async"), "method 'async' has no part in --batch"),
        (("--batch", "2", "--methods", "transformers"), "method 'transformers' has no part in --batch"),
    ],
)
def test_bad_bench_batches_are_refused(refused: Any, options: tuple[str, ...], said: str) -> None:
    assert said in refused("bench", *options)
