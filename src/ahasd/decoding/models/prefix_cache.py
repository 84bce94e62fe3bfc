"""Key-value caches for many continuations of one text."""

import inspect
from collections.abc import Sequence
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.growing_cache import check_cache, growing_cache
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.errors import AhasdError


class Rows:
    """A batch of continuations, each from another position of one text.

    The cache of the text is copied once per row and shifted so that every row's own prefix ends at the same
    slot; the slots before it are masked. That is the state a left-padded batch has, which every model of
    transformers supports, without computing the prefixes again.

    Parameters
    ----------
    model
        The model whose cache it is.
    cache
        The cache of the text, batch of one, at least as long as the longest prefix.
    prefixes
        Number of cached tokens that each row may see.
    """

    def __init__(self, model: LanguageModel, cache: Any, prefixes: Sequence[int]) -> None:
        self._model = model
        device = model.model.device
        self._lengths = torch.tensor(prefixes, device=device)[:, None]
        slots = torch.arange(max(prefixes), device=device)[None] - (max(prefixes) - self._lengths)
        self._mask = (slots >= 0).long()
        source = slots.clamp_min(0)
        self._cache = growing_cache(model.model)
        kinds = transformers.cache_utils
        for index, layer in enumerate(cache.layers):
            if type(layer) is kinds.DummyLayer:
                continue  # uses the keys of another layer
            if type(layer) is not kinds.DynamicLayer:
                raise AhasdError(
                    f"model '{model.name}' ({model.model.config.model_type}) keeps more than keys and values "
                    f"({type(layer).__name__}), so its traces cannot be recorded"
                )
            # (1, heads, text, width) -> (heads, rows, slots, width) -> (rows, heads, slots, width)
            keys, values = (
                layer.keys[0][:, source].transpose(0, 1),
                layer.values[0][:, source].transpose(0, 1),
            )
            self._cache.update(keys, values, index)

    def forward(self, tokens: Any) -> Any:
        """Append tokens (rows, new) to every row and give the logits after each, (rows, new, vocabulary)."""
        return self._run(tokens).logits

    def forward_with_states(self, tokens: Any) -> tuple[Any, Any]:
        """Do the same and give also the last hidden state of each token, (rows, new, width)."""
        outputs = self._run(tokens, output_hidden_states=True)
        return outputs.logits, outputs.hidden_states[-1]

    def _run(self, tokens: Any, **options: Any) -> Any:
        self._mask = torch.cat([self._mask, torch.ones_like(tokens)], dim=1)
        positions = self._lengths + torch.arange(tokens.shape[1], device=tokens.device)
        self._lengths = self._lengths + tokens.shape[1]
        return _run(self._model, tokens, self._cache, self._mask, positions, **options)


def _run(
    model: LanguageModel, tokens: Any, cache: Any, mask: Any = None, positions: Any = None, **options: Any
) -> Any:
    """Run tokens (rows, new) after what the cache holds, extend it, and give what the model gives.

    Parameters
    ----------
    mask
        1 for every slot, cached and new, that may be seen, shape (rows, cached + new); all if None.
    positions
        Position of each new token, shape (rows, new); counted on from the cache if None. Models that take
        their positions from the mask (ALiBi) are not given any.
    """
    if mask is not None:
        options["attention_mask"] = mask
    if positions is not None and "position_ids" in inspect.signature(model.model.forward).parameters:
        options["position_ids"] = positions
    return model.model(tokens, past_key_values=cache, use_cache=True, **options)


def cache_of(model: LanguageModel, tokens: Sequence[int]) -> Any:
    """Compute the cache of a text of at least one token.

    Raises
    ------
    AhasdError
        If the model keeps something other than keys and values of every token (a state-space model).
    """
    cache = growing_cache(model.model)
    keeps_rows = "logits_to_keep" in inspect.signature(model.model.forward).parameters
    options = {"logits_to_keep": 1} if keeps_rows else {}
    _run(model, torch.tensor([list(tokens)], device=model.model.device), cache, **options)
    check_cache(model, cache, len(tokens))
    return cache
