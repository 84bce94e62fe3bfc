"""Many continuations of one text by a draft of one layer, each from another position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.models.language_model import LanguageModel

_attention = torch.nn.functional.scaled_dot_product_attention


@dataclass(frozen=True, slots=True)
class ReadText:
    """What the draft has of a text that target and draft have read.

    Parameters
    ----------
    features
        The target's state before each token, zeros before the first, (tokens, width).
    keys, values
        Of the draft's attention, (tokens, heads, head width).
    """

    features: Any
    keys: Any
    values: Any


def read_text(draft: OneLayerDraft, target: LanguageModel, tokens: Sequence[int]) -> ReadText:
    """Let the target read a text, and the draft behind it."""
    device = target.model.device
    ids = torch.tensor([list(tokens)], device=device)
    states = target.model.model(ids, use_cache=False).last_hidden_state[0].float()
    features = torch.cat([states.new_zeros(1, draft.width), states[:-1]])
    kept: list[Any] = []

    def keep(queries: Any, keys: Any, values: Any) -> Any:
        kept.extend((keys[0], values[0]))
        return torch.zeros_like(queries).flatten(2)  # what comes of them is not wanted

    draft.states(ids, features[None], torch.arange(len(tokens), device=device)[None], keep)
    return ReadText(features, *kept)


class OneLayerRows:
    """A batch of continuations, each from another position of one text.

    Parameters
    ----------
    draft
        Whose.
    text
        Read at least as far as the longest prefix and one token more.
    prefixes
        Number of tokens before the first that each row is fed.
    """

    def __init__(self, draft: OneLayerDraft, text: ReadText, prefixes: Sequence[int]) -> None:
        self._draft = draft
        device = text.keys.device
        self._positions = torch.tensor(prefixes, device=device)[:, None]
        # The prefixes end at the same slot; what lies before the shorter ones is hidden.
        slots = torch.arange(max(prefixes), device=device)[None] - (max(prefixes) - self._positions)
        self._seen = slots >= 0
        source = slots.clamp_min(0)
        self._keys, self._values = text.keys[source], text.values[source]
        self._feature = text.features[self._positions]

    def forward(self, tokens: Any) -> Any:
        """Append a token to every row, (rows, 1), and give the logits behind it, (rows, 1, vocabulary)."""
        self._feature = self._draft.states(tokens, self._feature, self._positions, self._attend)
        self._positions = self._positions + 1
        return self._draft.logits(self._feature[:, 0])[:, None]

    def _attend(self, queries: Any, keys: Any, values: Any) -> Any:
        self._keys, self._values = torch.cat([self._keys, keys], 1), torch.cat([self._values, values], 1)
        self._seen = torch.cat([self._seen, torch.ones_like(self._seen[:, :1])], 1)
        h = _attention(
            queries.transpose(1, 2),
            self._keys.transpose(1, 2),
            self._values.transpose(1, 2),
            attn_mask=self._seen[:, None, None],
            enable_gqa=True,
        )
        return h.transpose(1, 2).flatten(2)
