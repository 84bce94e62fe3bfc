"""AdapMoE's gate: the second expert is left out where that hardly matters."""

from collections.abc import Sequence

from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import Gate

#: The threshold of its runs.
THRESHOLD = 0.005


class SensitivityGate(Gate):
    """Uses one expert where ``(1 - a)^2 w <= T``: a is the first one's share of the scores, w the sensitivity.

    Leaving the second expert out changes a layer's output by (1 - a) (f2 - f1); to second order the loss changes by
    its square times the layer's Fisher information (arXiv 2408.10284). AdapMoE leaves (f2 - f1)^2 out of the sum; in
    the sensitivities that we measured it is in, so that they are nats, whatever the scale of a model's numbers.

    Parameters
    ----------
    layers
        Sensitivity of each.
    threshold
        T; 0 uses both always.
    """

    def __init__(self, layers: Sequence[float], threshold: float = THRESHOLD) -> None:
        if not threshold >= 0:  # nor is NaN a number
            raise AhasdError(f"the threshold of the gate is {threshold:g}; must be at least 0")
        self._most = [(threshold / weight) ** 0.5 for weight in layers]

    def used(self, layer: int, scores: Sequence[float]) -> int:
        """One or two.

        Raises
        ------
        AhasdError
            The router chose another number of experts than two.
        """
        if len(scores) != 2:
            raise AhasdError(f"the sensitivity gate is one of two experts to a token, not of {len(scores)}")
        first, second = scores
        rest = second / (first + second) if first + second > 0 else 0.5
        return 1 if rest <= self._most[layer] else 2
