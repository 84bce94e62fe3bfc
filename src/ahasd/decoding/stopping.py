"""When a text ends: enough tokens, an end token, or a stop string."""

from collections.abc import Sequence
from typing import Any

from ahasd.decoding.request import GenerationRequest
from ahasd.errors import AhasdError


class Stopping:
    """Cuts what a round yields where the text ends, and remembers that it has ended.

    Parameters
    ----------
    request
        Says how many tokens, which end tokens and which stop strings.
    tokenizer
        Of the target (`PreTrainedTokenizerBase`); needed for stop strings only.

    Raises
    ------
    AhasdError
        If there are stop strings and no tokenizer.
    """

    def __init__(self, request: GenerationRequest, tokenizer: Any = None) -> None:
        if request.stop_strings and tokenizer is None:
            raise AhasdError(
                "stop strings need a tokenizer and the target has none; give one (tokenizer=...), or end the "
                "text by eos_token_id"
            )
        self._request, self._tokenizer = request, tokenizer
        self._end_tokens = frozenset(request.eos_token_id or ())
        # A token stands for one byte at least, so no longer stretch can hold the string.
        self._window = max((len(text.encode()) for text in request.stop_strings), default=0) + 1
        self._tokens: list[int] = []
        self.ended = request.max_new_tokens == 0

    @property
    def remaining(self) -> int:
        """Tokens that may still come."""
        return 0 if self.ended else self._request.max_new_tokens - len(self._tokens)

    def keep(self, tokens: Sequence[int]) -> list[int]:
        """Take the tokens of a round up to the one that ends the text, that one included."""
        kept: list[int] = []
        for token in tokens:
            if self.ended:
                break
            kept.append(token)
            self._tokens.append(token)
            self.ended = (
                token in self._end_tokens
                or len(self._tokens) >= self._request.max_new_tokens
                or (bool(self._request.stop_strings) and self._completes_a_stop_string())
            )
        return kept

    def _completes_a_stop_string(self) -> bool:
        text = self._tokenizer.decode(self._tokens[-self._window :], skip_special_tokens=False)
        return any(stop in text for stop in self._request.stop_strings)
