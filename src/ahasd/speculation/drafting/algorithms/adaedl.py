"""AdaEDL (arXiv 2410.18351): stop when an entropy-based bound on the acceptance falls below a threshold."""

from collections.abc import Mapping
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ahasd.speculation.drafting.algorithm import Algorithm, Calibration, Parameter
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftSignals

#: The full text of AdaEDL was not available to us; its λ is adapted by the rule of this predecessor.
DRAFT_AND_VERIFY = "Draft & Verify, arXiv 2309.08168, code dilab-zju/self-speculative-decoding"


class AdaEdl(DraftingPolicy):
    """Stops after a token with 1 − √(γ·H) < λ; λ follows the acceptance of the batches.

    After each verdict AR ← memory·AR + (1 − memory)·accepted/drafted (AR starts at 0); λ' = λ + step if
    AR < target, else λ if the maximum was drafted, else λ − step; λ ← inertia·λ + (1 − inertia)·λ'. As
    published, λ has no bounds: where the target acceptance is out of reach it climbs past 1 in some 200
    rounds and every batch is a single token.

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
    memory
        Weight of the old acceptance estimate.
    inertia
        Weight of the old λ.
    maximum
        Longest batch in tokens.
    """

    asks_seconds: ClassVar[bool] = False

    def __init__(
        self,
        gamma: float,
        threshold: float,
        target: float,
        step: float,
        memory: float,
        inertia: float,
        maximum: int,
    ) -> None:
        super().__init__(maximum_length=maximum)
        self.gamma = gamma
        self.threshold = threshold
        self.target = target
        self.step = step
        self.memory = memory
        self.inertia = inertia
        self.acceptance = 0.0

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Adapt λ to the verdict, in the order in which verdicts arrive."""
        super().verified(round, drafted, accepted, seconds)
        self.acceptance = self.memory * self.acceptance + (1 - self.memory) * accepted / drafted
        if self.acceptance < self.target:
            proposed = self.threshold + self.step
        elif drafted >= self.maximum_length:
            proposed = self.threshold
        else:
            proposed = self.threshold - self.step
        self.threshold = self.inertia * self.threshold + (1 - self.inertia) * proposed

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return 1 - sqrt(self.gamma * signals.entropy) < self.threshold


def _stops(trace: RolloutTrace, parameters: Mapping[str, float]) -> NDArray[np.bool_]:
    bound = 1 - np.sqrt(parameters["gamma"] * trace.entropy.astype(np.float64))
    stops: NDArray[np.bool_] = bound < parameters["lambda"]
    return stops


ADAEDL = Algorithm(
    name="adaedl",
    description="stops when 1 − √(gamma·entropy) falls below lambda, which adapts (arXiv 2410.18351)",
    parameters=(
        Parameter("gamma", 0.2, "secondary: quoted by others", low=0, high=1e6, low_excluded=True),
        Parameter("lambda", 0.8, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("target", 0.9, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("step", 0.01, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("memory", 0.5, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("inertia", 0.9, DRAFT_AND_VERIFY, low=0, high=1),
        Parameter("maximum", 16, "ours; the paper's is unknown, Draft & Verify has 8", 1, 1024, integer=True),
    ),
    build=lambda parameters: AdaEdl(
        gamma=parameters["gamma"],
        threshold=parameters["lambda"],
        target=parameters["target"],
        step=parameters["step"],
        memory=parameters["memory"],
        inertia=parameters["inertia"],
        maximum=int(parameters["maximum"]),
    ),
    length_limit="maximum",
    calibration=Calibration(parameters=("gamma", "lambda"), stops=_stops),
)
