"""What a gate costs: a mixture that leaves experts out, held against itself with all that its routers chose."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.routed_layers import RoutedLayer, routed_layers
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import Gate

#: Tokens of a window, unless the context of the model is shorter (ours).
WINDOW = 256


@dataclass(frozen=True, slots=True)
class GateQuality:
    """A gate on some text.

    Attributes
    ----------
    fewer
        Share of (token, layer) pairs that used fewer experts than the router chose.
    experts
        Used by a token in a layer, in the mean.
    loss
        Nats per token of the text.
    divergence
        Kullback-Leibler divergence of the gated model's next token from that of the whole model, nats, in the mean.
    same_choice
        Share of tokens whose likeliest next token stays the same.
    """

    fewer: float
    experts: float
    loss: float
    divergence: float
    same_choice: float

    @property
    def perplexity(self) -> float:
        """Of the text."""
        return math.exp(self.loss)


@dataclass(slots=True)
class _Sums:
    """Of one gate, over all windows."""

    asked: int = 0
    fewer: int = 0
    used: int = 0
    loss: float = 0.0
    divergence: float = 0.0
    same: int = 0


def gate_quality(
    model: LanguageModel,
    text: Sequence[int],
    gates: Sequence[Gate],
    most_tokens: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[GateQuality]:
    """Measure gates on a text, cut into windows that know nothing of each other.

    Parameters
    ----------
    model
        A mixture, whole in memory.
    text
        Token ids.
    most_tokens
        Predicted at most; windows are taken evenly over the text.
    progress
        Told how many windows are done, and of how many.

    Raises
    ------
    AhasdError
        The text is shorter than a window, or the model is no mixture that can be read.
    """
    layers = routed_layers(model.model, model.name)
    size = min(WINDOW, (model.context_limit or WINDOW + 1) - 1, max(1, most_tokens))
    count = min((len(text) - 1) // size, max(1, most_tokens // size))
    if count < 1:
        raise AhasdError(f"the text has {len(text)} tokens; give at least {size + 1}")
    windows = [((len(text) - 1) // size * number // count) * size for number in range(count)]
    sums = [_Sums() for _ in gates]
    with torch.inference_mode():
        for done, start in enumerate(windows, 1):
            ids = torch.tensor([text[start : start + size + 1]], device=model.model.device)
            whole = _predicted(model, ids)
            for gate, total in zip(gates, sums, strict=True):
                with _gated(layers, gate, total):
                    found = _predicted(model, ids)
                total.loss -= float(found.gather(1, ids[0, 1:, None]).sum())
                total.divergence += float((whole.exp() * (whole - found)).sum())
                total.same += int((whole.argmax(-1) == found.argmax(-1)).sum())
            progress(done, count)
    tokens = count * size
    return [
        GateQuality(
            one.fewer / one.asked,
            one.used / one.asked,
            one.loss / tokens,
            one.divergence / tokens,
            one.same / tokens,
        )
        for one in sums
    ]


def _predicted(model: LanguageModel, ids: Any) -> Any:
    """Logarithms of the probabilities (tokens, vocabulary) of each next token of a window."""
    return model.model(ids[:, :-1], use_cache=False).logits[0].double().log_softmax(-1)


@contextmanager
def _gated(layers: Sequence[RoutedLayer], gate: Gate, total: _Sums) -> Iterator[None]:
    """Let the routers give no weight to what the gate leaves out, and that of all to what is left."""

    def hook(row: int) -> Callable[..., tuple[Any, ...]]:
        def drop(_module: Any, _inputs: Any, outputs: tuple[Any, ...]) -> tuple[Any, ...]:
            logits, weights, ids = outputs
            order = torch.argsort(weights.float(), dim=-1, descending=True, stable=True)
            falling = weights.gather(1, order)
            counts = [gate.used(row, scores) for scores in falling.tolist()]
            total.asked += len(counts)
            total.used += sum(counts)
            total.fewer += sum(count < falling.shape[1] for count in counts)
            place = torch.arange(falling.shape[1], device=weights.device)
            kept = falling * (place < torch.tensor(counts, device=weights.device)[:, None])
            share = kept.sum(-1, keepdim=True)
            scaled = kept * torch.where(share > 0, falling.sum(-1, keepdim=True) / share, 1.0)
            return logits, torch.zeros_like(weights).scatter(1, order, scaled), ids

        return drop

    hooks = [layer.router.register_forward_hook(hook(row)) for row, layer in enumerate(layers)]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()
