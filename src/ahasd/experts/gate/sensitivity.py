"""AdapMoE's gate: the second expert is left out where that hardly matters."""

from collections.abc import Sequence

import numpy as np

from ahasd.errors import AhasdError
from ahasd.experts.gate.gate import Gate

#: Sensitivity of each layer of Mixtral 8x7B: sum of the Fisher diagonal, as the public code of AdapMoE has it.
MIXTRAL_8X7B = (
    *(
        46.69,
        17.30,
        13.02,
        7.64,
        4.17,
        2.23,
        1.256,
        0.844,
        0.684,
        0.560,
        0.513,
        0.478,
        0.445,
        0.436,
        0.384,
        0.310,
    ),
    *(
        0.233,
        0.176,
        0.138,
        0.114,
        0.105,
        0.0954,
        0.0862,
        0.0771,
        0.0694,
        0.0611,
        0.0502,
        0.0426,
        0.0335,
        0.0253,
    ),
    *(0.0207, 0.0229),
)

#: The threshold of its runs.
THRESHOLD = 0.005


def sensitivities(layers: int) -> tuple[float, ...]:
    """Those of Mixtral 8x7B; for another number of layers, at the same relative depth (ours, in the logarithm)."""
    if layers == len(MIXTRAL_8X7B):
        return MIXTRAL_8X7B
    depth, known = np.linspace(0, 1, layers), np.linspace(0, 1, len(MIXTRAL_8X7B))
    return tuple(float(value) for value in np.exp(np.interp(depth, known, np.log(MIXTRAL_8X7B))))


class SensitivityGate(Gate):
    """Uses one expert where ``(1 - a)^2 w <= T``: a is the first one's share of the scores, w the sensitivity.

    Leaving the second expert out changes a layer's output by (1 - a) (f2 - f1); to second order the loss changes by
    its square times the layer's Fisher information (arXiv 2408.10284).

    Parameters
    ----------
    layers
        Sensitivity of each.
    threshold
        T; 0 uses both always.
    """

    def __init__(self, layers: Sequence[float], threshold: float = THRESHOLD) -> None:
        if threshold < 0:
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
