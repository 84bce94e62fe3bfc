"""What all forms come down to: who chose what, token by token and layer by layer."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.trace import RoutingTrace

#: Scores of a router that another program rounded, or scaled in half precision, may pass 1 by this (ours).
_ROUNDING = 1e-2


@dataclass
class Layers:
    """Rows of a foreign file as they come, by layer.

    Attributes
    ----------
    experts, scores
        By layer, of one token after the other.
    given
        By layer, whether each token was of a prefix.
    """

    experts: dict[int, list[list[int]]] = field(default_factory=lambda: defaultdict(list))
    scores: dict[int, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    given: dict[int, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def add(self, layer: int, experts: list[int], given: bool, scores: list[float] | None = None) -> None:
        """Note what the next token took in a layer, sorted by scores where there are any."""
        if scores is not None:
            order = sorted(range(len(experts)), key=lambda place: -scores[place])
            experts = [experts[place] for place in order]
            self.scores[layer].append([scores[place] for place in order])
        self.experts[layer].append(experts)
        self.given[layer].append(given)

    def trace(self, path: str, form: str, experts: int | None, model: str) -> RoutingTrace:
        """Make a trace of them; tokens that not all layers have, as when a run was cut off, are left out at the end.

        Raises
        ------
        AhasdError
            There are no rows, tokens take different numbers of experts, or an expert's number is too high.
        """
        if not self.experts:
            raise AhasdError(f"{path}: holds no choice of experts")
        layers = sorted(self.experts)
        tokens = min(len(self.experts[layer]) for layer in layers)
        sizes = {len(taken) for layer in layers for taken in self.experts[layer][:tokens]}
        if len(sizes) > 1:
            raise AhasdError(
                f"{path}: tokens take {' or '.join(map(str, sorted(sizes)))} experts; all must take as many"
            )
        highest = max(max(taken) for layer in layers for taken in self.experts[layer][:tokens])
        if experts is not None and highest >= experts:
            raise AhasdError(
                f"{path}: names expert {highest}, and --experts {experts} has them from 0 to {experts - 1}"
            )
        if (
            highest >= 2**15
            or min(min(taken) for layer in layers for taken in self.experts[layer][:tokens]) < 0
        ):
            raise AhasdError(f"{path}: experts must have numbers from 0 to {2**15 - 1}")
        chosen = np.stack([np.array(self.experts[layer][:tokens], np.int16) for layer in layers], axis=1)
        starts, own = _prompts(self.given[layers[0]][:tokens])
        scored = len(self.scores) == len(layers)
        scores = None
        if scored:
            values = np.stack([np.array(self.scores[layer][:tokens]) for layer in layers], axis=1)
            if not ((values >= 0) & (values <= 1 + _ROUNDING)).all():
                scores, why = None, "; its weights are no scores between 0 and 1 and are left out"
            else:
                scores, why = np.minimum(values, 1.0).astype(np.float16), ""
        else:
            why = ""
        about = "" if experts is not None else "; as many experts as the highest number says"
        return RoutingTrace(
            RoutingHeader(
                model=model,
                experts=experts or highest + 1,
                layers=tuple(layers),
                tokenizer_hash="none",
                mode="greedy",
                temperature=0.0,
                seed=0,
                prompts="not known",
                tool_version=__version__,
                notes=f"imported from {form}{about}{why}",
            ),
            chosen,
            np.array(starts, np.int32),
            np.array(own, np.int32),
            scores,
            chosen if scores is not None else None,
        )


def _prompts(given: list[bool]) -> tuple[list[int], list[int]]:
    """Where prompts begin (at the first token, and where given tokens follow written ones), and continuations."""
    starts = [0, *(at for at in range(1, len(given)) if given[at] and not given[at - 1])]
    ends = [*starts[1:], len(given)]
    own = [
        next((at for at in range(start, end) if not given[at]), end)
        for start, end in zip(starts, ends, strict=True)
    ]
    return [*starts, len(given)], own
