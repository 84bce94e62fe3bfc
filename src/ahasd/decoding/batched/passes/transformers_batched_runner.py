"""Any causal language model of transformers over several rows, with its own forward."""

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ahasd.decoding.backend import torch
from ahasd.decoding.batched.passes.aligned_cache import AlignedCache
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner, Leaving, RowTokens
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.decoding.models.language_model import LanguageModel


class TransformersBatchedRunner(BatchedRunner):
    """Runs several texts through a model of transformers.

    A batch begins padded on the left; later passes are padded on the right, and rows are moved together again before
    the next (`AlignedCache`). So windows and biases by distance hold for every row as they do for it alone.

    Parameters
    ----------
    language_model
        That `ahasd.decoding.batched.passes.build_batched_runner` found to hold; may be shared by several runners.
    """

    def __init__(self, language_model: "LanguageModel") -> None:
        self.name, self.end_tokens = language_model.name, language_model.end_tokens
        self.vocabulary_size = language_model.vocabulary_size
        self.context_limit = language_model.context_limit
        self.device, self.dtype = language_model.model.device, language_model.model.dtype
        self._model = language_model
        parameters = inspect.signature(language_model.model.forward).parameters
        self._keeps_rows, self._takes_positions = "logits_to_keep" in parameters, "position_ids" in parameters
        self.start(1)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Cached tokens of every row."""
        return tuple(map(len, self._cache.slots))

    def start(self, rows: int) -> None:
        """Empty the cache and have so many rows."""
        self._cache = AlignedCache(self._model, rows)

    def forward(self, fed: Sequence[RowTokens], leaving: Leaving | None = None) -> Any:
        """Append tokens; see `BatchedRunner.forward`.

        Raises
        ------
        AhasdError
            If a row says what its tokens see, and the model has no place for that.
        ValueError
            If tokens are to leave, which its layers have no place for.
        """
        if leaving is not None:
            raise ValueError(f"no token leaves a pass of '{self.name}'")
        cache = self._cache
        cache.align()
        lengths, before = self.lengths, cache.width
        width = max(len(each.tokens) for each in fed)
        # Fresh rows are padded on the left, so that they end together; behind other rows there is nothing to move.
        shifts = {each.row: 0 if before else width - len(each.tokens) for each in fed}
        tokens = torch.zeros((len(lengths), width), dtype=torch.long)
        places: list[list[int]] = [[] for _ in lengths]
        positions = torch.tensor(lengths)[:, None] + torch.arange(width)
        for each in fed:
            shift, count = shifts[each.row], len(each.tokens)
            places[each.row] = list(range(shift, shift + count))
            tokens[each.row, shift : shift + count] = torch.tensor(list(each.tokens))
            start = lengths[each.row]
            positions[each.row] = 0 if not before else positions[each.row].clamp_max(start + count - 1)
            positions[each.row, shift : shift + count] = torch.tensor(
                list(each.positions or range(start, start + count))
            )
        logits, states = self._run(tokens, positions, self._mask(fed, places, width), fed, shifts)
        cache.appended(places, width)
        self.states = states
        return logits

    def cut(self, row: int, length: int) -> None:
        """Forget a row's last tokens; the slots are taken out before the next pass."""
        self._cache.cut(row, length)

    def compact(self, row: int, start: int, kept: Sequence[int]) -> None:
        """Forget some of a row's tokens."""
        self._cache.compact(row, start, kept)

    def select(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows."""
        self._cache.select(rows)

    def _run(
        self, tokens: Any, positions: Any, mask: Any, fed: Sequence[RowTokens], shifts: dict[int, int]
    ) -> tuple[Any, Any]:
        width = tokens.shape[1]
        first = min(shifts[each.row] + len(each.tokens) - each.wanted for each in fed)
        options: dict[str, Any] = {}
        if self._keeps_rows:
            options["logits_to_keep"] = max(1, width - first)  # 0 would mean all of them
        if self._takes_positions:
            options["position_ids"] = positions.to(self.device)
        with torch.inference_mode():
            outputs = self._model.model(
                tokens.to(self.device),
                past_key_values=self._cache.cache,
                attention_mask=mask,
                use_cache=True,
                output_hidden_states=self.keep_states,
                **options,
            )
        behind = [shifts[each.row] + len(each.tokens) for each in fed]
        parts = [
            (each.row, slice(end - each.wanted - width, (end - width) or None))
            for each, end in zip(fed, behind, strict=True)
            if each.wanted
        ]

        def chosen(values: Any, parts: Sequence[tuple[int, slice]]) -> Any:
            rows = [values[row, part] for row, part in parts]
            return torch.cat(rows) if rows else values.new_empty((0, values.shape[-1]))

        logits = chosen(outputs.logits, parts).float()
        if not self.keep_states:
            return logits, None
        if self.keeps_all_states:
            parts = [(each.row, slice(shifts[each.row], end)) for each, end in zip(fed, behind, strict=True)]
        return logits, chosen(outputs.hidden_states[-1], parts)

    def _mask(self, fed: Sequence[RowTokens], places: list[list[int]], width: int) -> Any:
        cache = self._cache
        seen = torch.zeros((len(places), cache.width + width), dtype=torch.long)
        for row, (own, new) in enumerate(zip(cache.slots, places, strict=True)):
            seen[row, own] = 1
            seen[row, [cache.width + place for place in new]] = 1
        if all(each.sees is None for each in fed):
            return seen.to(self.device)
        if has_windows(self._model.model.config):
            raise AhasdError(
                f"model '{self.name}' ({self._model.model.config.model_type}) has windows, which a mask of one's own "
                "would undo; give it chains of tokens, no trees"
            )
        slots = torch.arange(cache.width + width)
        allowed = (seen[:, None] > 0) & (slots <= cache.width + torch.arange(width)[:, None])
        for each in fed:
            if each.sees is not None:
                own = torch.tensor(places[each.row])
                allowed[each.row, own[:, None], cache.width + own] = torch.as_tensor(
                    each.sees, dtype=torch.bool
                )
        mask = torch.zeros(allowed.shape, dtype=self.dtype)
        mask.masked_fill_(~allowed, torch.finfo(self.dtype).min)
        return mask[:, None].to(self.device)


def has_windows(config: Any) -> bool:
    """Whether some layers of a model see less than the whole text."""
    text = config.get_text_config()
    kinds = getattr(text, "layer_types", None)
    if kinds is not None:
        return any(kind != "full_attention" for kind in kinds)
    names = ("sliding_window", "attention_chunk_size", "window_size", "attention_types")
    return any(getattr(text, name, None) for name in names)
