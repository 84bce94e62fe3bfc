"""From tokens that come one by one to text that can be shown at once."""

from collections.abc import Iterable, Iterator
from typing import Any

#: What a tokenizer writes for bytes that are no whole character (yet).
INCOMPLETE = "\ufffd"


def text_pieces(tokenizer: Any, tokens: Iterable[int]) -> Iterator[str]:
    """Yield the text of tokens piece by piece, as soon as each piece is certain.

    A token may hold part of a character, and some tokenizers write a token differently at the start of a text.
    So a token is decoded together with those before it, and what ends within a character is held back until the rest
    has come or the tokens have ended.

    Parameters
    ----------
    tokenizer
        Of transformers (`PreTrainedTokenizerBase`). Special tokens are left out.
    tokens
        Of one text.
    """
    # Tokens of the last piece, for their effect on the next one, and those that came since.
    shown: list[int] = []
    waiting: list[int] = []

    def unseen() -> str:
        before = _decode(tokenizer, shown)
        return _decode(tokenizer, shown + waiting)[len(before) :]

    for token in tokens:
        waiting.append(token)
        piece = unseen()
        if piece and not piece.endswith(INCOMPLETE):
            yield piece
            shown, waiting = waiting, []
    if waiting and (piece := unseen()):
        yield piece


def _decode(tokenizer: Any, tokens: list[int]) -> str:
    text: str = tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text
