"""Stopping criteria asked behind every token, though tokens come several at a time."""

from typing import Any


class EveryLength:
    """Asks criteria about a text at each of its lengths, so that it ends where one that grows by single tokens would.

    Parameters
    ----------
    criteria
        Of ``generate``: (text, scores) → whether it is complete.
    prompt_length
        Tokens before the first new one.
    streamer
        Given each token as it comes; None for none.

    Attributes
    ----------
    length
        Of the text that counts, prompt included.
    """

    def __init__(self, criteria: Any, prompt_length: int, streamer: Any = None) -> None:
        self._criteria, self._prompt_length, self._streamer = criteria, prompt_length, streamer
        self.length = prompt_length

    def __call__(self, input_ids: Any, scores: Any, **options: Any) -> Any:
        """Say whether the text is complete; further tokens do not count then."""
        done = None
        while self.length < input_ids.shape[1]:
            self.length += 1
            text = input_ids[:, : self.length]
            if self._streamer is not None:
                self._streamer.put(text[:, -1].cpu())
            before = None if scores is None else scores[: self.length - self._prompt_length]
            done = self._criteria(text, before, **options)
            if done.all():
                break
        assert done is not None, "asked without a new token"
        return done
