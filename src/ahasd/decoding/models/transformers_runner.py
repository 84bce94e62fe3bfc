"""Any causal language model of transformers, with its own forward."""

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.growing_cache import check_cache, growing_cache
from ahasd.decoding.models.rotary_switch import rotary_switch
from ahasd.decoding.models.runner import ModelRunner

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


class TransformersRunner(ModelRunner):
    """Runs one text through a model of transformers, with a cache that can be cut anywhere.

    Parameters
    ----------
    language_model
        A model of attention layers (`ahasd.decoding.models.runnable` tells); may be shared by several runners.

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
        self._switch = rotary_switch(language_model.model.config)
        self._keeps_rows = "logits_to_keep" in inspect.signature(language_model.model.forward).parameters
        self._cache: Any = None
        self._text: list[int] = []
        self._beyond_switch = False

    @property
    def length(self) -> int:
        """Number of cached tokens."""
        return len(self._text)

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        wanted = len(tokens) if rows is None else rows
        start, end, switch = self.length, self.length + len(tokens), self._switch
        if start and switch is not None:
            if start < switch.length < end:
                return self._forward_across(tokens, switch.length - start, wanted)
            if switch.drops_cache and (end > switch.length) != self._beyond_switch:
                tokens = [*self._text, *tokens]
                self.reset()
        return self._feed(tokens, wanted)

    def roll_back(self, length: int) -> None:
        """Crop the cache, a view in transformers."""
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot roll back to {length} of {self.length} cached tokens")
        if length == 0:
            self.reset()
        elif length < self.length:
            self._cache.crop(length - self.length)  # takes minus the number of tokens to remove
            del self._text[length:]

    def reset(self) -> None:
        """Empty the cache."""
        self._cache, self._text = None, []

    def _forward_across(self, tokens: Sequence[int], before: int, wanted: int) -> Any:
        """Append tokens on both sides of a switch, each with the rotations that it has when it comes alone."""
        behind = len(tokens) - before
        logits, states = [], []
        for part, rows in (
            (tokens[:before], max(0, wanted - behind)),
            (tokens[before:], min(wanted, behind)),
        ):
            logits.append(self.forward(part, rows))
            states.append(self.states)
        self.states = torch.cat(states) if self.keep_states else None
        return torch.cat(logits)

    def _feed(self, tokens: Sequence[int], wanted: int) -> Any:
        is_first, count = self.length == 0, len(tokens)
        if self._cache is None:
            self._cache = growing_cache(self._model.model)
        # The logits of a whole prompt may take gigabytes; 0 would mean all of them.
        options = {"logits_to_keep": max(1, wanted)} if self._keeps_rows else {}
        with torch.inference_mode():
            outputs = self._model.model(
                torch.tensor([tokens], device=self.device),
                past_key_values=self._cache,
                use_cache=True,
                output_hidden_states=self.keep_states,
                **options,
            )
        if is_first:
            check_cache(self._model, self._cache, count)
        self._text += tokens
        self._beyond_switch = self._switch is not None and self.length > self._switch.length
        self.states = outputs.hidden_states[-1][0, count - wanted :] if self.keep_states else None
        logits = outputs.logits[0]
        return logits[len(logits) - wanted :].float()
