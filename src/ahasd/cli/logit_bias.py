"""``--logit-bias``: what is added to the logits of a token, or of the last token of several."""

from math import isfinite
from typing import Any

from ahasd.errors import AhasdError


def read_biases(
    given: list[str], tokenizer: Any, vocabulary: int
) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Read ``TOKENS=BIAS`` as often as it is given; what is no list of token ids is text.

    Parameters
    ----------
    vocabulary
        Tokens that the target has logits for.

    Raises
    ------
    AhasdError
        If one cannot be read, its text has no tokens, or the target has no such token.
    """
    biases = tuple(_read(text, tokenizer) for text in given)
    for tokens, _ in biases:
        if max(tokens) >= vocabulary:
            raise AhasdError(f"--logit-bias: there is no token {max(tokens)}; the last is {vocabulary - 1}")
    return biases


def _read(text: str, tokenizer: Any) -> tuple[tuple[int, ...], float]:
    tokens, _, bias = text.rpartition("=")
    try:
        value = float(bias)
    except ValueError:
        value = float("nan")
    if not tokens or not isfinite(value):
        raise AhasdError(
            f"--logit-bias is '{text}'; must be TOKENS=BIAS: token ids with commas between them or text, and a number"
        )
    parts = tokens.split(",")
    if all(part.strip().isdecimal() for part in parts):
        return tuple(int(part) for part in parts), value
    encoded = tuple(tokenizer(tokens, add_special_tokens=False, verbose=False)["input_ids"])
    if not encoded:
        raise AhasdError(f"--logit-bias: '{tokens}' has no tokens")
    return encoded, value
