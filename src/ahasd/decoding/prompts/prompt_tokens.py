"""Token ids as users have them: tensors, arrays and lists, one prompt or several, padded or not."""

from collections.abc import Collection, Mapping, Sequence
from numbers import Integral
from typing import Any

from ahasd.errors import AhasdError


def token_rows(values: Any, name: str = "input_ids") -> list[list[int]]:
    """Give the token ids of every prompt, padding included.

    Parameters
    ----------
    values
        Tensor, array or list of ids, 1-D (one prompt) or 2-D (several); lists of several may differ in length.
    name
        What messages call it.

    Raises
    ------
    AhasdError
        If this is not what is given; a prompt without a token is left to the decoder to refuse.
    """
    if isinstance(values, Mapping):
        raise AhasdError(
            f"{name} is what a tokenizer gives whole; write generate(**inputs), or its ids alone"
        )
    rows = _listed(values)
    if isinstance(rows, list):
        rows = [_listed(row) for row in rows]
        if not any(isinstance(row, list) for row in rows):
            rows = [rows]  # a single prompt
        if all(isinstance(row, list) and all(isinstance(token, Integral) for token in row) for row in rows):
            return [[int(token) for token in row] for row in rows]
    raise AhasdError(
        f"{name} must be whole numbers, 1-D for one prompt or 2-D for several (a tensor or lists)"
    )


def without_padding(
    rows: list[list[int]],
    attention_mask: Any = None,
    padding: int | None = None,
    end_tokens: Collection[int] = (),
) -> list[list[int]]:
    """Give prompts without what a mask hides; where there is none, without padding tokens, as transformers does.

    Parameters
    ----------
    rows
        From `token_rows`.
    attention_mask
        0 (or False) where there is padding, of the same shape; None leaves it to the tokens.
    padding
        The token that prompts are padded with, if there is one.
    end_tokens
        Tokens that end a text; one that pads as well may be either.

    Raises
    ------
    AhasdError
        If the mask has another shape, or there is none and what is padding cannot be told.
    """
    if attention_mask is None:
        if padding is None:
            return rows
        if padding in end_tokens:
            _check_padding(rows, padding)
            return rows
        return [[token for token in row if token != padding] or row for row in rows]
    masks = token_rows(attention_mask, "attention_mask")
    if [len(row) for row in rows] != [len(mask) for mask in masks]:
        raise AhasdError("attention_mask has another shape than input_ids; give one entry per token")
    return [
        [token for token, kept in zip(row, mask, strict=True) if kept]
        for row, mask in zip(rows, masks, strict=True)
    ]


def _check_padding(rows: list[list[int]], padding: int) -> None:
    """See that no row looks padded with a token that may be text as well; one alone may begin or end a text."""
    for number, row in enumerate(rows, start=1):
        if len(row) > 2 and (row[:2] == [padding] * 2 or row[-2:] == [padding] * 2):
            raise AhasdError(
                f"prompt {number} {'begins' if row[0] == padding else 'ends'} with token {padding} more than once, "
                "which pads prompts and ends texts, and there is no attention_mask to say which; give one: "
                "generate(**tokenizer(texts, return_tensors='pt', padding=True))"
            )


def _listed(values: Any) -> Any:
    """Give a tensor, array or sequence as a list; anything else as it is."""
    if hasattr(values, "tolist"):
        return values.tolist()
    return list(values) if isinstance(values, Sequence) and not isinstance(values, str) else values
