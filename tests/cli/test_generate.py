"""``ahasd generate``: the text as it comes, figures apart from it, refusals in one line."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ahasd as package

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.decoding.tiny_pair import draft_path, target_path

PROMPT = "def read(path):\n"


@pytest.mark.parametrize("method", ["autoregressive", "speculative"])
def test_text_and_figures_come_apart(ahasd: Any, method: str) -> None:
    ending = ahasd("generate", "--prompt", PROMPT, "--method", method, "--max-new-tokens", "12")
    assert ending.code == 0
    assert ending.out.endswith("\n")
    assert ending.out.strip()
    assert ending.err.count("\n") == 1
    assert ending.err.startswith("12 tokens in ")
    assert " tokens/s, " in ending.err
    assert ("acceptance rate" in ending.err) == (method == "speculative")


def test_methods_write_the_same_greedy_text(ahasd: Any) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "40")
    alone = ahasd(*base, "--method", "autoregressive").out
    assert ahasd(*base, "--algorithm", "specdecpp").out == alone
    copied = ahasd(*base, "--method", "ngram")
    assert copied.out == alone
    assert "ngram fixed:10" in copied.err
    tree = ahasd(*base, "--method", "tree", "--algorithm", "chain:6")
    assert tree.out == alone
    assert "tree chain:6" in tree.err


def test_a_prompt_comes_from_a_file_or_from_stdin(
    ahasd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = ("generate", "--max-new-tokens", "12", "--threads", "1")
    expected = ahasd(*base, "--prompt", PROMPT).out
    (tmp_path / "prompt.txt").write_text(PROMPT)
    assert ahasd(*base, "--prompt-file", str(tmp_path / "prompt.txt")).out == expected
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PROMPT.encode())))
    assert ahasd(*base, "--prompt-file", "-").out == expected


def test_json_holds_text_tokens_and_figures(ahasd: Any) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "12")
    ending = ahasd(*base, "--json")
    document = json.loads(ending.out)
    assert document["text"] + "\n" == ahasd(*base).out
    assert len(document["tokens"]) == 12 == document["metrics"]["tokens"]
    assert document["seed"] is None
    assert document["metrics"]["method"] == "speculative"
    assert ending.err == ""


def test_a_stop_string_ends_the_text(ahasd: Any) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "40")
    whole = ahasd(*base).out
    stop = whole.strip()[4:7]
    ending = ahasd(*base, "--stop", "nothing like it", "--stop", stop)
    assert stop in ending.out
    assert len(ending.out) < len(whole)
    assert whole.startswith(ending.out.rstrip("\n"))


def test_a_chat_model_reads_its_template_and_draws_as_its_config_says(ahasd: Any, tmp_path: Path) -> None:
    folder = tmp_path / "chat"
    shutil.copytree(target_path(), folder)
    template = "{% for message in messages %}def {{ message.content }}(path):\n{% endfor %}"
    (folder / "chat_template.jinja").write_text(template)
    base = ("generate", "--target", str(folder), "--method", "autoregressive", "--max-new-tokens", "12")
    said = json.loads(ahasd(*base, "--chat", "--prompt", "read", "--json").out)
    plain = json.loads(ahasd(*base, "--prompt", "def read(path):\n", "--json").out)
    assert (said["tokens"], said["prompt_tokens"]) == (plain["tokens"], plain["prompt_tokens"])
    config = json.loads((folder / "generation_config.json").read_text())
    config |= {"do_sample": True, "temperature": 5.0}
    (folder / "generation_config.json").write_text(json.dumps(config))
    drawn = json.loads(ahasd(*base, "--prompt", PROMPT, "--json").out)
    assert drawn["seed"] is not None
    assert drawn["tokens"] != plain["tokens"]
    for option in ("--no-do-sample", "--ignore-generation-config"):
        assert json.loads(ahasd(*base, "--prompt", PROMPT, "--json", option).out)["tokens"] == plain["tokens"]


def test_a_seed_that_was_drawn_is_printed_and_gives_the_same_text_again(ahasd: Any) -> None:
    base = ("generate", "--prompt", PROMPT, "--do-sample", "--max-new-tokens", "16")
    first = ahasd(*base)
    seed = first.err.rsplit("seed ", 1)[1].strip()
    assert ahasd(*base, "--seed", seed).out == first.out


@pytest.mark.parametrize(
    ("text", "shown"),
    [("grüße 🙂 done", "grüße 🙂 done"), ("ends 🙂", "ends 🙂"), ("", "")],
)
def test_a_character_that_spans_tokens_is_written_whole(
    ahasd: Any, monkeypatch: pytest.MonkeyPatch, text: str, shown: str
) -> None:
    from ahasd.decoding import SpeculativeDecoder

    pieces: list[str] = []

    def stream(self: Any, prompt: list[int], **fields: Any) -> Iterator[int]:
        tokens = self.target.tokenizer(text)["input_ids"]
        assert not text or len(tokens) > len(text.split()), "the smiley takes several tokens"
        yield from tokens

    def collect(piece: str, err: bool = False) -> None:
        if not err and piece != "\n":
            pieces.append(piece)

    monkeypatch.setattr(SpeculativeDecoder, "stream", stream)
    monkeypatch.setattr("ahasd.cli.generate.show", collect)
    assert ahasd("generate", "--prompt", PROMPT).code == 0
    assert "".join(pieces) == shown
    assert not any("\ufffd" in piece for piece in pieces)


def test_bytes_that_are_no_character_are_shown_as_such(ahasd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ahasd.decoding import SpeculativeDecoder

    def stream(self: Any, prompt: list[int], **fields: Any) -> Iterator[int]:
        yield from self.target.tokenizer("a🙂")["input_ids"][:-1]

    monkeypatch.setattr(SpeculativeDecoder, "stream", stream)
    assert ahasd("generate", "--prompt", PROMPT).out.startswith("a\ufffd")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--draft", "."), "there is a draft and no target"),
        (("--target", "nowhere"), "nowhere"),
        (("--method", "asnyc"), "unknown method 'asnyc'. Did you mean 'async'?"),
        (("--algorithm", "adaedel"), "adaedl"),
        (("--max-new-tokens", "-1"), "max_new_tokens is -1"),
        (("--top-k", "4"), "--top-k shapes what is drawn"),
        (("--do-sample", "--temperature", "0"), "temperature is 0.0"),
        (("--control", "edc"), "the method is 'speculative'"),
        (("--dtype", "float23"), "float23"),
        (("--max-new-tokens", "100000"), "the text needs a context of "),
        (("--prompt", ""), "the prompt has no tokens"),
        (("--prompt-file", "x"), "give one prompt"),
        (("--chat",), "model 'target' has no chat template"),
        (("--threads", "0"), "threads is 0"),
        (("--do-sample", "--min-p", "3"), "min_p is 3.0"),
        (("--method", "ngram", "--algorithm", "svip"), "take fixed:10, or another number"),
        (("--method", "tree", "--algorithm", "wide"), "tree 'wide'"),
        (("--method", "tree", "--draft", "medusa"), "there is a draft and no target"),
    ],
)
def test_bad_input_is_refused_in_one_line(refused: Any, options: tuple[str, ...], said: str) -> None:
    message = refused("generate", "--prompt", PROMPT, *options)
    assert said in message
    assert message.count("\n") == 1


@pytest.mark.slow
def test_text_comes_before_the_end_and_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    folders = [_with_long_context(tmp_path, source) for source in (target_path(), draft_path())]
    command = [sys.executable, "-c", "from ahasd.cli import main; main()", "generate", "--prompt", PROMPT]
    running = subprocess.Popen(
        [
            *command,
            "--method",
            "async",
            "--max-new-tokens",
            "50000",
            "--target",
            folders[0],
            "--draft",
            folders[1],
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1]), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdout is not None
    first = os.read(running.stdout.fileno(), 1 << 16)
    assert first
    assert running.poll() is None, "the first piece was to come before the end"
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"Traceback" not in err
    assert b"interrupted" in err
    # Nobody of the group is left, but for moments in which the helper of multiprocessing notices.
    until = time.monotonic() + 5
    while _lives(running.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(running.pid)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _with_long_context(folder: Path, source: Path) -> str:
    """Copy a model of the tiny pair that takes longer texts, so that they last."""
    copy = folder / source.name
    shutil.copytree(source, copy)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 60000}))
    return str(copy)


def test_a_record_of_the_passes_is_written(ahasd: Any, refused: Any, tmp_path: Path) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "12")
    ending = ahasd(*base, "--algorithm", "fixed:5", "--record", "run.json")
    assert ending.code == 0
    assert "Wrote run.json" in ending.err
    (entry,) = json.loads((tmp_path / "run.json").read_text())
    assert entry["strategy"] == "sd"
    assert entry["metrics"]["tokens_generated"] == 12
    assert ahasd(*base, "--algorithm", "amusd", "--record", "amusd.json").out == ending.out
    (entry,) = json.loads((tmp_path / "amusd.json").read_text())
    assert entry["strategy"] == "amusd"
    assert "is a folder" in refused(*base, "--record", ".")
    assert "takes turns" in refused(*base, "--method", "speculative", "--algorithm", "amusd")


def test_log_probabilities_are_those_of_a_pass_of_transformers(ahasd: Any) -> None:
    import torch
    import transformers

    said = json.loads(
        ahasd("generate", "--prompt", PROMPT, "--max-new-tokens", "70", "--json", "--logprobs").out
    )
    model = transformers.AutoModelForCausalLM.from_pretrained(target_path(), dtype=torch.float32)
    text = torch.tensor([said["prompt_tokens"] + said["tokens"]])
    with torch.inference_mode():
        rows = torch.log_softmax(model(text).logits[0], dim=-1)
    behind = len(said["prompt_tokens"]) - 1
    expected = [float(rows[behind + place, token]) for place, token in enumerate(said["tokens"])]
    assert len(said["log_probabilities"]) == 70
    assert said["log_probabilities"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("by_text", [False, True])
def test_a_bias_keeps_a_token_out_or_brings_it(ahasd: Any, by_text: bool) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "20", "--json")
    said = json.loads(ahasd(*base).out)
    first = said["tokens"][0]
    name = " return" if by_text else str(first)
    if by_text:
        import transformers

        tokenizer = transformers.AutoTokenizer.from_pretrained(target_path())
        tokens = tokenizer(name, add_special_tokens=False)["input_ids"]
        assert len(tokens) == 1
        raised = json.loads(ahasd(*base, "--logit-bias", f"{name}=100").out)["tokens"]
        assert set(raised) == set(tokens)
    else:
        assert first not in json.loads(ahasd(*base, "--logit-bias", f"{name}=-100").out)["tokens"]


def test_several_sequences_of_a_prompt_are_drawn_apart_and_a_seed_repeats_them(ahasd: Any) -> None:
    base = ("generate", "--prompt", PROMPT, "--max-new-tokens", "16", "--do-sample", "--seed", "5", "--json")
    texts = [each["tokens"] for each in json.loads(ahasd(*base, "--sequences", "4", "--logprobs").out)]
    assert len(texts) == 4
    assert len({tuple(text) for text in texts}) > 1
    assert texts == [each["tokens"] for each in json.loads(ahasd(*base, "--sequences", "4").out)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--logprobs",), "--logprobs are printed as JSON alone; add --json"),
        (("--sequences", "2"), "2 sequences of a prompt are one text unless tokens are drawn"),
        (("--sequences", "0"), "sequences is 0"),
        (("--logit-bias", "=3"), "must be TOKENS=BIAS"),
        (("--logit-bias", "5=much"), "must be TOKENS=BIAS"),
        (("--logit-bias", "5=inf"), "must be TOKENS=BIAS"),
        (("--logit-bias", "5,999999=1"), "there is no token 999999; the last is "),
    ],
)
def test_options_that_would_say_nothing_are_refused(
    refused: Any, options: tuple[str, ...], said: str
) -> None:
    assert said in refused("generate", "--prompt", PROMPT, "--max-new-tokens", "4", *options)
