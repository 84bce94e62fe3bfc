"""Tokenizers out of .gguf files."""

import pytest

pytest.importorskip("gguf")

from ahasd.decoding.models.gguf_file import GgufFile
from ahasd.decoding.models.gguf_tokenizer import read_tokenizer

from .written_gguf import TOKENS, write_gguf


@pytest.fixture(scope="module")
def tokenizer_of(small_models, tmp_path_factory):
    def make(**options):
        model = small_models.random_model(
            vocabulary=len(TOKENS), intermediate_size=64, tie_word_embeddings=True
        )
        return read_tokenizer(
            GgufFile(write_gguf(tmp_path_factory.mktemp("gguf") / "m.gguf", model.model, **options))
        )

    return make


@pytest.mark.parametrize("text", ["abba  cab", "é 漢字\n\t x", "  <|end|> 12 ab"])
def test_text_survives(tokenizer_of, text):
    tokenizer = tokenizer_of()
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_merges_and_special_tokens_are_those_of_the_file(tokenizer_of):
    tokenizer = tokenizer_of()
    assert tokenizer.tokenize("abc<|end|>") == ["ab", "c", "<|end|>"]
    assert tokenizer.eos_token == "<|end|>"
    assert tokenizer.get_vocab() == {token: index for index, token in enumerate(TOKENS)}


def test_the_split_decides_which_spaces_may_merge(tokenizer_of):
    # GPT-2 leaves the last space to the number; SmolLM cuts digits off first.
    assert tokenizer_of(pre="gpt-2").tokenize("a  1") == ["a", "Ġ", "Ġ", "1"]
    assert tokenizer_of(pre="smollm").tokenize("a  1") == ["a", "ĠĠ", "1"]


@pytest.mark.parametrize("asked", [True, False])
def test_a_beginning_token_is_added_where_the_file_says_so(tokenizer_of, asked):
    begin = len(TOKENS) - 1
    tokenizer = tokenizer_of(
        metadata={"tokenizer.ggml.bos_token_id": begin, "tokenizer.ggml.add_bos_token": asked}
    )
    assert (tokenizer("a")["input_ids"][0] == begin) == asked


def test_the_chat_template_comes_along(tokenizer_of):
    tokenizer = tokenizer_of(metadata={"tokenizer.chat_template": "{{ messages[0]['content'] }}<|end|>"})
    assert tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False) == "hi<|end|>"
