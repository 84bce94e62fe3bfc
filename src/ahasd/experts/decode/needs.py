"""Which experts the passes over a text need: one token at a time, several to be verified, or a whole prefix."""

from dataclasses import dataclass

import numpy as np

from ahasd.experts.gate.gate import Gate
from ahasd.traces.routing.trace import RoutingTrace


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass.

    Attributes
    ----------
    tokens
        Rows of the trace.
    written
        Whether they are the model's own.
    needs
        By layer, experts and how many of the tokens take each, in the order in which they are first taken.
    """

    tokens: range
    written: bool
    needs: tuple[dict[int, int], ...]


def passes(trace: RoutingTrace, gate: Gate, width: int) -> list[Pass]:
    """Cut a text into passes: each prefix in one, continuations in so many tokens at a time."""
    found = []
    bounds = zip(trace.prompt_start[:-1], trace.continuation_start, trace.prompt_start[1:], strict=True)
    used = _used(trace, gate)
    for start, own, end in bounds:
        if own > start:
            found.append(_pass(trace, used, range(int(start), int(own)), False))
        found += [
            _pass(trace, used, range(at, min(at + width, int(end))), True)
            for at in range(int(own), int(end), width)
        ]
    return found


def _used(trace: RoutingTrace, gate: Gate) -> list[list[int]]:
    """How many of its chosen experts each token uses in each layer."""
    if trace.scores is None:
        even = [1.0 / trace.top] * trace.top
        return [[gate.used(layer, even) for layer in range(trace.layers)]] * trace.tokens
    if trace.ids is None:
        chosen = np.take_along_axis(trace.scores, trace.chosen.astype(np.int64), axis=2)
    else:
        whose = trace.chosen[:, :, :, None] == trace.ids[:, :, None, :]
        chosen = (whose * trace.scores[:, :, None, :]).sum(axis=3)
    return [
        [gate.used(layer, scores) for layer, scores in enumerate(of_token)]
        for of_token in chosen.astype(np.float64).tolist()
    ]


def _pass(trace: RoutingTrace, used: list[list[int]], tokens: range, written: bool) -> Pass:
    needs: list[dict[int, int]] = []
    for layer in range(trace.layers):
        counts: dict[int, int] = {}
        for token in tokens:
            for expert in trace.chosen[token, layer, : used[token][layer]].tolist():
                counts[expert] = counts.get(expert, 0) + 1
        needs.append(counts)
    return Pass(tokens, written, tuple(needs))
