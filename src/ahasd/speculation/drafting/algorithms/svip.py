"""SVIP (arXiv 2411.18462): stop when the draft's entropy makes its next token doubtful."""

from collections.abc import Mapping
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ahasd.speculation.drafting.algorithm import Algorithm, Calibration, Parameter
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftSignals

#: Factor under the root, for entropies in nats (the authors' code, Geralt-Targaryen/SVIP).
ENTROPY_SCALE = 0.15


class Svip(DraftingPolicy):
    """Stops after a token drawn from a distribution with √(0.15·H) > h; the token is kept.

    Parameters
    ----------
    h
        Threshold; the published 0.3 stops above an entropy of 0.6 nats.
    maximum
        Longest batch in tokens.
    """

    asks_seconds: ClassVar[bool] = False

    def __init__(self, h: float, maximum: int) -> None:
        super().__init__(maximum_length=maximum)
        self.h = h

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return sqrt(ENTROPY_SCALE * signals.entropy) > self.h


def _stops(trace: RolloutTrace, parameters: Mapping[str, float]) -> NDArray[np.bool_]:
    stops: NDArray[np.bool_] = np.sqrt(ENTROPY_SCALE * trace.entropy.astype(np.float64)) > parameters["h"]
    return stops


SVIP = Algorithm(
    name="svip",
    description="stops when √(0.15·entropy) exceeds h (arXiv 2411.18462)",
    parameters=(
        Parameter("h", 0.3, "authors' code, Geralt-Targaryen/SVIP", low=0, high=10, low_excluded=True),
        Parameter("maximum", 40, "authors' code, Geralt-Targaryen/SVIP", low=1, high=1024, integer=True),
    ),
    build=lambda parameters: Svip(parameters["h"], int(parameters["maximum"])),
    length_limit="maximum",
    calibration=Calibration(parameters=("h",), stops=_stops),
)
