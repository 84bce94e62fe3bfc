"""Whose tokenizer a model has: by its files, by its name, or only by what its config.json suggests."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.workload.pair import load_pair
from ahasd.workload.readers.vocabulary import Vocabulary, read_vocabulary, tokenizer_of, tokenizer_of_list
from ahasd.workload.zoo import load_model

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 3200,
    "intermediate_size": 8640,
    "num_hidden_layers": 26,
    "num_attention_heads": 32,
    "max_position_embeddings": 2048,
    "hidden_act": "silu",
}


def tokens(size: int, **numbers: int) -> Vocabulary:
    """Made-up tokens, but for some."""
    return {number: f"token{number}" for number in range(size)} | {n: token for token, n in numbers.items()}


def llama2() -> Vocabulary:
    return tokens(32000, **{"▁Hello": 15043, "▁world": 3186, "▁the": 278})


def model(
    folder: Path, vocabulary: Vocabulary | None = None, form: str = "tokenizer.json", **changes: Any
) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(LLAMA | changes), encoding="utf-8")
    if vocabulary is not None:
        write(folder / form, vocabulary)
    return folder


def write(path: Path, vocabulary: Vocabulary) -> None:
    numbers = {token: number for number, token in vocabulary.items()}
    if path.name == "tokenizer.model":
        path.write_bytes(sentencepiece(list(vocabulary.values())))
    elif path.name == "vocab.json":
        path.write_text(json.dumps(numbers), encoding="utf-8")
    else:
        added = [{"id": len(numbers), "content": "<|chat|>"}]
        path.write_text(json.dumps({"model": {"vocab": numbers}, "added_tokens": added}), encoding="utf-8")


def varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def sentencepiece(pieces: list[str]) -> bytes:
    """A model as SentencePiece writes it: pieces of text, score and kind, then its settings."""
    found = b""
    for piece in pieces:
        text = piece.encode()
        entry = b"\x0a" + varint(len(text)) + text + b"\x15" + b"\0\0\x80\xbf" + b"\x18\x01"
        found += b"\x0a" + varint(len(entry)) + entry
    settings = b"\x18\x03\x0a\x04name"
    return found + b"\x12" + varint(len(settings)) + settings


def test_pieces_of_any_length_are_read_and_a_file_that_was_cut_off_is_not(tmp_path: Path) -> None:
    pieces = ["a", "b" * 200, "c" * 20_000]
    whole = sentencepiece(pieces)
    (tmp_path / "tokenizer.model").write_bytes(whole)
    assert read_vocabulary(tmp_path) == dict(enumerate(pieces))
    (tmp_path / "tokenizer.model").write_bytes(whole[:-30])
    assert read_vocabulary(tmp_path) is None


@pytest.mark.parametrize("form", ["tokenizer.json", "vocab.json", "tokenizer.model"])
def test_all_forms_of_a_tokenizer_give_the_same_tokens(form: str, tmp_path: Path) -> None:
    write(tmp_path / form, llama2())
    assert read_vocabulary(tmp_path) == llama2()


def test_a_list_of_scored_pieces_is_numbered_in_order(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": [["a", -1.0], ["b", -2.0]]}}))
    assert read_vocabulary(tmp_path) == {0: "a", 1: "b"}


def test_published_tokenizers_are_known_by_size_and_some_tokens() -> None:
    assert tokenizer_of(llama2()) == "llama2"
    assert tokenizer_of(tokens(128000, Hello=9906, Ġworld=1917, Ġthe=279)) == "llama3"
    assert tokenizer_of(tokens(151643, Hello=9707, Ġworld=1879, Ġthe=279)) == "qwen2"
    longer = tokens(40000, **{"▁Hello": 15043, "▁world": 3186, "▁the": 278})
    assert tokenizer_of(longer).startswith("vocabulary-"), "its further tokens mean nothing to LLaMA"


def test_an_unknown_tokenizer_is_named_by_its_tokens_and_their_numbers() -> None:
    mine, other = tokens(32000), tokens(32000) | {7: "token8", 8: "token7"}
    assert tokenizer_of(mine) == tokenizer_of(dict(reversed(mine.items())))
    assert tokenizer_of(mine) != tokenizer_of(other)


def test_equally_long_vocabularies_of_other_tokens_make_no_pair(tmp_path: Path) -> None:
    draft = model(tmp_path / "my_llama_3b", tokens(32000))
    with pytest.raises(
        AhasdError, match=r"my_llama_3b has 'vocabulary-\w{12}' \(32000 .*llama2-13b has 'llama2'"
    ):
        load_pair(f"{draft}:llama2-13b")


def test_files_of_one_tokenizer_make_a_pair_that_is_checked(tmp_path: Path) -> None:
    draft = model(tmp_path / "draft", llama2(), "tokenizer.model")
    pair = load_pair(f"{draft}:llama2-13b")
    assert pair.unchecked == []
    target = model(tmp_path / "target", tokens(32000))
    twin = model(tmp_path / "twin", tokens(32000), "vocab.json", num_hidden_layers=4)
    assert load_pair(f"{twin}:{target}").unchecked == []


def test_without_files_a_pair_is_taken_by_what_its_configuration_suggests_and_said_to_be_unchecked(
    tmp_path: Path,
) -> None:
    draft = model(tmp_path / "draft")
    assert load_model(draft).tokenizer == "llama2"
    assert load_pair(f"{draft}:llama2-13b").unchecked == ["draft"]
    assert load_pair(f"{draft}:{draft}").unchecked == [], "a model shares its own tokenizer"


@pytest.mark.parametrize("name", ["open_llama_3b", "OpenLLaMA-7B", "open_llama_3b_v2"])
def test_known_exceptions_are_told_by_their_names(name: str, tmp_path: Path) -> None:
    draft = model(tmp_path / name)
    with pytest.raises(
        AhasdError, match=r"'open-llama(-v2)?'.*is assumed from the config\.json: lay its tokenizer"
    ):
        load_pair(f"{draft}:llama2-13b")
    hidden = model(tmp_path / "renamed", _name_or_path=f"openlm-research/{name}")
    assert load_model(hidden).tokenizer.startswith("open-llama")


def test_the_file_has_the_last_word(tmp_path: Path) -> None:
    draft = model(tmp_path / "open_llama_3b", tokens(32000), tokenizer_family="llama2")
    assert load_pair(f"{draft}:llama2-13b").unchecked == []


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"model": {"vocab": 3}}', '{"model": {"vocab": {"a": "b"}}}', "[]"]
)
def test_a_broken_tokenizer_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(AhasdError, match=r"tokenizer\.json is no tokenizer that can be read"):
        read_vocabulary(tmp_path)


def test_a_tokenizer_model_of_another_kind_leaves_the_pair_unchecked(tmp_path: Path) -> None:
    lines = "\n".join(f"{base64.b64encode(bytes([n])).decode()} {n}" for n in range(100))
    draft = model(tmp_path / "draft")
    (draft / "tokenizer.model").write_text(lines)
    assert read_vocabulary(draft) is None
    assert load_model(draft).tokenizer_assumed
    (draft / "tokenizer.model").write_bytes(b"")
    assert read_vocabulary(draft) is None


@pytest.mark.parametrize(("added", "ordinary"), [(0, 50257), (1, 50256), (50, 50256)])
def test_a_list_of_tokens_is_a_published_tokenizer_with_or_without_those_added(
    added: int, ordinary: int
) -> None:
    tokens = [f"token {number}" for number in range(50257 + max(0, added - 1))]
    for number, token in ((15496, "Hello"), (995, "\u0120world"), (262, "\u0120the")):
        tokens[number] = token
    assert tokenizer_of_list(tokens, ordinary) == "gpt2"
    assert tokenizer_of_list(tokens[:40000], 40000) != "gpt2", "too few"
    tokens[995] = "another"
    assert tokenizer_of_list(tokens, ordinary) != "gpt2"


@pytest.mark.parametrize("count", [1, 4095, 4096, 4097, 9000])
def test_a_list_of_tokens_has_the_name_of_the_same_vocabulary(count: int) -> None:
    tokens = [f"\u0120token {number}" for number in range(count)]
    assert tokenizer_of_list([*tokens, "<added>"], count) == tokenizer_of(dict(enumerate(tokens)))
    text = json.dumps([[number, token] for number, token in enumerate(tokens)])
    assert tokenizer_of(dict(enumerate(tokens))).endswith(hashlib.sha256(text.encode()).hexdigest()[:12])
