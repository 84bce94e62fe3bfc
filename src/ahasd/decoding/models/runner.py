"""A model that runs: its weights, and a cache that is a sequence of tokens."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class ModelRunner(ABC):
    """A language model with its key-value cache, seen as a sequence of tokens that grows and is cut.

    Attributes
    ----------
    name
        What messages call the model.
    vocabulary_size
        Number of logits, padding included.
    context_limit
        Positions the model was made for; None if its configuration does not say.
    device
        `torch.device` of the model.
    dtype
        `torch.dtype` of its weights.
    end_tokens
        The tokens that end a text.
    keep_states
        Set it to have `states` after every forward (for an acceptance head).
    states
        Last hidden states, behind the final norm, of the rows the last forward gave: (rows, width); None
        unless `keep_states`.
    """

    name: str
    vocabulary_size: int
    context_limit: int | None
    device: Any
    dtype: Any
    end_tokens: frozenset[int]
    keep_states: bool = False
    states: Any = None

    @property
    @abstractmethod
    def length(self) -> int:
        """Number of cached tokens."""

    @abstractmethod
    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens to the cache.

        Parameters
        ----------
        tokens
            k token ids, at least one.
        rows
            Logits are wanted behind the last so many tokens; None for all, 0 for none (a prompt is filled in).

        Returns
        -------
        torch.Tensor
            Logits behind each of these tokens, float32 (rows, vocabulary), valid until the next forward.
        """

    @abstractmethod
    def roll_back(self, length: int) -> None:
        """Keep the first `length` tokens of the cache (at most those there are); nothing is copied."""

    def reset(self) -> None:
        """Empty the cache."""
        self.roll_back(0)
