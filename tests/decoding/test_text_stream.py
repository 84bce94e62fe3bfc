"""Text shown while it is written: the pieces are the whole text, and none ends within a character."""

from hypothesis import given
from hypothesis import strategies as st

from ahasd.decoding.text_stream import text_pieces


class Bytes:
    """A tokenizer whose tokens are the bytes of UTF-8."""

    def decode(self, tokens, skip_special_tokens, clean_up_tokenization_spaces):
        assert skip_special_tokens
        assert not clean_up_tokenization_spaces
        return bytes(tokens).decode("utf-8", errors="replace")


class Words:
    """A tokenizer that leaves out the space before the first word, as SentencePiece's does."""

    words = (" one", " two", "ly", "")

    def decode(self, tokens, **options):
        return "".join(self.words[token] for token in tokens).removeprefix(" ")


@given(st.text())
def test_the_pieces_are_the_characters(text):
    assert list(text_pieces(Bytes(), text.encode())) == list(text)


def test_a_character_that_never_comes_whole_is_shown_at_the_end():
    assert list(text_pieces(Bytes(), [*b"ab", 0xE2, 0x82])) == ["a", "b", "\ufffd"]
    assert list(text_pieces(Bytes(), [])) == []


@given(st.lists(st.integers(0, 3)))
def test_a_word_keeps_its_space_wherever_a_piece_begins(tokens):
    """Tokens without text, as special ones, are part of no piece."""
    pieces = list(text_pieces(Words(), tokens))
    assert "".join(pieces) == Words().decode(tokens)
    assert all(pieces)


def test_each_piece_comes_before_the_next_token_is_asked_for():
    asked = []

    def tokens():
        for token in b"xyz":
            asked.append(token)
            yield token

    pieces = text_pieces(Bytes(), tokens())
    assert next(pieces) == "x"
    assert len(asked) == 1
    assert next(pieces) == "y"
    assert len(asked) == 2
