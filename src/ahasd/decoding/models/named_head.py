"""An output layer that names a part of the vocabulary only."""

from typing import Any

from ahasd.decoding.backend import torch

#: Logit of a token that the head does not name: no probability in any precision, and still a number.
UNNAMED = -1e4


def spread(logits: Any, tokens: Any, vocabulary_size: int) -> Any:
    """Put the logits (..., named) of these tokens into those of the whole vocabulary, (..., vocabulary)."""
    whole = logits.new_full((*logits.shape[:-1], vocabulary_size), UNNAMED)
    return whole.index_copy_(-1, tokens, logits)


class NamedHead(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """The head of a small draft: most of a vocabulary is rare, and reading it would take most of a draft step.

    The tokens that are not named have logits of -10,000, so they are never drafted; what the target writes may hold
    them all the same.

    Parameters
    ----------
    width
        Hidden size.
    named
        Number of tokens that it names.
    vocabulary_size
        Number of logits that it gives.
    """

    def __init__(self, width: int, named: int, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.weight = torch.nn.Parameter(torch.zeros(named, width))
        self.register_buffer("tokens", torch.zeros(named, dtype=torch.long))

    def forward(self, states: Any) -> Any:
        """Give logits (..., vocabulary) of hidden states (..., width)."""
        return spread(torch.nn.functional.linear(states, self.weight), self.tokens, self.vocabulary_size)
