"""Any causal language model of transformers, with its own forward."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.prefix_cache import check_cache
from ahasd.decoding.models.runner import ModelRunner

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


class TransformersRunner(ModelRunner):
    """Runs one text through a model of transformers with a `DynamicCache`.

    The cache keeps every token, also of layers that look at a window only, so that it can be cut anywhere.

    Parameters
    ----------
    language_model
        A model of attention layers; may be shared by several runners.

    Raises
    ------
    AhasdError
        With the first tokens, if it keeps something else than keys and values (a state-space model).
    """

    def __init__(self, language_model: "LanguageModel") -> None:
        self.name, self.end_tokens = language_model.name, language_model.end_tokens
        self.vocabulary_size = language_model.vocabulary_size
        self.context_limit = language_model.context_limit
        self.device, self.dtype = language_model.model.device, language_model.model.dtype
        self._model = language_model
        self._cache = transformers.DynamicCache()
        self._length = 0

    @property
    def length(self) -> int:
        """Number of cached tokens."""
        return self._length

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        count = len(tokens)
        wanted = count if rows is None else rows
        with torch.inference_mode():
            outputs = self._model.model(
                torch.tensor([tokens], device=self.device),
                past_key_values=self._cache,
                use_cache=True,
                output_hidden_states=self.keep_states,
            )
        if self._length == 0:
            check_cache(self._model, self._cache, count)
        self._length += count
        self.states = outputs.hidden_states[-1][0, count - wanted :] if self.keep_states else None
        return outputs.logits[0, count - wanted :].float()

    def roll_back(self, length: int) -> None:
        """Crop the cache, a view in transformers."""
        if not 0 <= length <= self._length:
            raise ValueError(f"cannot roll back to {length} of {self._length} cached tokens")
        if length == 0:
            self.reset()
        elif length < self._length:
            self._cache.crop(length - self._length)  # takes minus the number of tokens to remove
            self._length = length

    def reset(self) -> None:
        """Empty the cache."""
        self._cache = transformers.DynamicCache()
        self._length = 0
