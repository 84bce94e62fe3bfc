"""Whose tokenizer a GGUF file holds."""

from collections.abc import Sequence

from ahasd.workload.readers.gguf.values import TOKEN_TYPES, TOKENS, Value
from ahasd.workload.readers.vocabulary import tokenizer_of_list

#: Kinds of tokens that a conversion adds behind the tokenizer's own: control, user-defined, unused
#: (`llama_token_type` of llama.cpp).
_ADDED = (3, 4, 5)


def tokenizer_in(values: dict[str, Value]) -> str | None:
    """Name the tokenizer of a file; None where it holds none.

    Tokens that were added behind the ordinary ones, and numbers that stand for none, are left out: chat models of one
    tokenizer differ in them.
    """
    tokens = values.get(TOKENS)
    if not isinstance(tokens, tuple) or not tokens:
        return None
    kinds = values.get(TOKEN_TYPES)
    ordinary = _ordinary(kinds) if isinstance(kinds, tuple) and len(kinds) == len(tokens) else len(tokens)
    return tokenizer_of_list([str(token) for token in tokens], ordinary)


def _ordinary(kinds: Sequence[object]) -> int:
    """Tokens before the last run of added ones; all, if none is ordinary."""
    for number in range(len(kinds), 0, -1):
        if kinds[number - 1] not in _ADDED:
            return number
    return len(kinds)
