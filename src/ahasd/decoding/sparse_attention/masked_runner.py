"""Sparse attention by masks over a whole cache: many tokens at once, for measurements and as a reference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.models.llama_layers import Attend
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.sparse_attention.paged_heads import choose_by_bounds
from ahasd.decoding.sparse_attention.settings import SparseSettings
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.pages.metadata import PageMetadata, page_bounds

_attention = torch.nn.functional.scaled_dot_product_attention


class MaskedRunner(LeanRunner):
    """Gives the logits of a `SparseRunner`, for many tokens in one pass; nothing is saved.

    The first forward is dense. In further ones a token attends to what it would read in a step of its own. Pages that
    can be chosen are full, so that their bounds do not depend on the step. The cache is whole: it can be rolled back,
    and the same prompt go on under other settings.

    Parameters
    ----------
    settings
        None for dense attention; may be changed at any time.

    Raises
    ------
    AhasdError
        The split is another model's.
    """

    def __init__(self, weights: LlamaWeights, settings: SparseSettings | None = None) -> None:
        self._dense: list[int] = []
        super().__init__(weights)
        self.settings = settings

    @property
    def settings(self) -> SparseSettings | None:
        """Which heads read what."""
        return self._settings

    @settings.setter
    def settings(self, settings: SparseSettings | None) -> None:
        if settings is not None:
            settings.check_fits(self._weights)
        self._settings = settings

    def forward(self, tokens: Sequence[int], rows: int | None = None) -> Any:
        """Append tokens; see `ModelRunner.forward`."""
        dense = self._length == len(self._dense) and (self._settings is None or self._length == 0)
        logits = super().forward(tokens, rows)
        if dense:
            self._dense += tokens
        return logits

    def roll_back(self, length: int) -> None:
        """Move the end of the cache back."""
        super().roll_back(length)
        del self._dense[length:]

    def read_densely(self, tokens: Sequence[int]) -> None:
        """Let the cache hold just these tokens, read densely; those that it holds so already are not read again."""
        same = 0
        while same < min(len(tokens), len(self._dense)) and tokens[same] == self._dense[same]:
            same += 1
        self.roll_back(same)
        before, self.settings = self.settings, None
        try:
            if same < len(tokens):
                self.forward(tokens[same:], rows=0)
        finally:
            self.settings = before

    def _attend(self, start: int, end: int) -> Attend:
        settings, weights = self._settings, self._weights
        if settings is None or start == 0:
            return super()._attend(start, end)
        heads, shared, cache = weights.heads, weights.key_value_heads, self._cache

        def attend(index: int, h: Any) -> Any:
            cache[index, start:end].copy_(h[0, :, heads:])
            kept = cache[index, :end].transpose(0, 1)[None]
            queries = h[:, :, :heads].transpose(1, 2)
            mask = self._mask(settings, index, queries[0], kept[0, :shared], start, end)
            return _attention(
                queries, kept[:, :shared], kept[:, shared:], attn_mask=mask[None], enable_gqa=heads > shared
            )

        return attend

    def _mask(
        self, settings: SparseSettings, layer: int, queries: Any, keys: Any, start: int, end: int
    ) -> Any:
        """Say which tokens each query reads, (heads, count, end)."""
        group = self._weights.heads // self._weights.key_value_heads
        asked = queries.float().cpu().numpy().reshape(-1, group, end - start, queries.shape[-1])
        mask = np.empty((len(asked), group, end - start, end), np.bool_)
        place = np.arange(end)
        causal = place[None, :] <= np.arange(start, end)[:, None]
        window = settings.paging.window
        recent = place[None, :] > np.arange(start, end)[:, None] - window.recent
        for head, one in enumerate(settings.split.classes[layer].tolist()):
            if one == HeadClass.DENSE:
                mask[head] = causal
            elif one == HeadClass.STREAMING:
                mask[head] = causal & (recent | (place < window.sink)[None, :])
            else:
                mask[head] = causal & _read(settings, asked[head], keys[head].float().cpu().numpy(), start)
        return torch.from_numpy(mask.reshape(len(asked) * group, end - start, end)).to(self.device)


def _read(
    settings: SparseSettings,
    queries: npt.NDArray[np.floating],
    keys: npt.NDArray[np.floating],
    start: int,
) -> npt.NDArray[np.bool_]:
    """Say which tokens each query of a paged head reads but for causality, group × count × tokens."""
    paging, end = settings.paging, len(keys)
    metadata = PageMetadata.of_keys(keys, paging.page)
    group, rows, width = queries.shape
    bounds = page_bounds(queries.reshape(-1, width), metadata.least, metadata.greatest)
    bounds = bounds.reshape(group, rows, -1)
    pages = np.ones(bounds.shape, np.bool_)
    for row, context in enumerate(range(start + 1, end + 1)):
        between = paging.candidates(context)
        part = slice(between.start, between.stop)
        chosen = choose_by_bounds(settings.selector, settings.sharing, bounds[:, row, part], context)
        pages[:, row, part] = False
        for query in range(group):
            pages[query, row, chosen[query % len(chosen)]] = True
    return np.repeat(pages, paging.page, axis=2)[:, :, :end]
