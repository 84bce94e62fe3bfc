"""AdaEDL (arXiv 2410.18351): stop when an entropy-based bound on the acceptance falls below a threshold."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ahasd.drafting.algorithm import Algorithm, Calibration, Parameter
from ahasd.drafting.policy import DraftingPolicy
from ahasd.traces.walk import DraftSignals

DRAFT_AND_VERIFY = "Draft & Verify, arXiv 2309.08168, code dilab-zju/self-speculative-decoding"
"""The full text of AdaEDL was not available to us; its λ is adapted by the rule of this predecessor."""

ACCEPTANCE_SMOOTHING = 0.5
"""Weight of the old acceptance estimate (Draft & Verify)."""
THRESHOLD_SMOOTHING = 0.9
"""Weight of the old λ, so that one verdict moves it by a tenth of the step (Draft & Verify)."""


class AdaEdl(DraftingPolicy):
    """Stops after a token with 1 − √(γ·H) < λ; λ follows the acceptance of the batches.

    After each verdict AR ← ½·AR + ½·accepted/drafted (AR starts at 0); λ' = λ + step if AR < target, else λ
    if the maximum was drafted, else λ − step; λ ← 0.9·λ + 0.1·λ'. As published, λ has no bounds: where the
    target acceptance is out of reach it climbs past 1 in some 200 rounds and every batch is a single token.

    Parameters
    ----------
    gamma
        Scale of the entropy (nats) in the bound.
    threshold
        λ at the start.
    target
        Acceptance rate that λ steers to.
    step
        How far λ' lies from λ; 0 keeps λ constant.
    maximum
        Longest batch in tokens.
    """

    def __init__(self, gamma: float, threshold: float, target: float, step: float, maximum: int) -> None:
        super().__init__(maximum_length=maximum)
        self.gamma = gamma
        self.threshold = threshold
        self.target = target
        self.step = step
        self.acceptance = 0.0

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Adapt λ to the verdict, in the order in which verdicts arrive."""
        super().verified(round, drafted, accepted, seconds)
        self.acceptance = (
            ACCEPTANCE_SMOOTHING * self.acceptance + (1 - ACCEPTANCE_SMOOTHING) * accepted / drafted
        )
        if self.acceptance < self.target:
            proposed = self.threshold + self.step
        elif drafted >= self.maximum_length:
            proposed = self.threshold
        else:
            proposed = self.threshold - self.step
        self.threshold = THRESHOLD_SMOOTHING * self.threshold + (1 - THRESHOLD_SMOOTHING) * proposed

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return 1 - sqrt(self.gamma * signals.entropy) < self.threshold


def _stops(entropy: NDArray[np.float64], parameters: Mapping[str, float]) -> NDArray[np.bool_]:
    return 1 - np.sqrt(parameters["gamma"] * entropy) < parameters["lambda"]


ADAEDL = Algorithm(
    name="adaedl",
    description="stops when 1 − √(gamma·entropy) falls below lambda, which adapts (arXiv 2410.18351)",
    parameters=(
        Parameter("gamma", 0.2, "secondary: quoted by others", low=0, high=1e6, low_excluded=True),
        Parameter("lambda", 0.8, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("target", 0.9, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("step", 0.01, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("maximum", 16, "ours; the paper's is unknown, Draft & Verify has 8", 1, 1024, integer=True),
    ),
    build=lambda parameters: AdaEdl(
        gamma=parameters["gamma"],
        threshold=parameters["lambda"],
        target=parameters["target"],
        step=parameters["step"],
        maximum=int(parameters["maximum"]),
    ),
    length_limit="maximum",
    calibration=Calibration(parameters=("gamma", "lambda"), stops=_stops),
)
