"""SpecDec++ (arXiv 2405.19715): stop when a rejection among the drafted tokens has become likely."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.algorithm import Algorithm, Calibration, Parameter
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.walk import DraftSignals

CODE = "authors' code, Kaffaljidhmah2/SpecDec_pp"

#: Stands in the product for a factor that is not there yet: the published loop skips the first.
NO_FACTOR = 1.0


class SpecDecPp(DraftingPolicy):
    """Stops after a token with 1 − ∏ p_acc > h, the chance that the target will reject one of the batch.

    p_acc is the output of an acceptance head, which reads the draft's hidden state *after* it has consumed the
    token. The published loop decides right after a token was drawn, so the state it has is that of the token
    before: its first factor is skipped and the decision lags by one token (``lag=1``, the default, as in the
    code). ``lag=0`` is the rule as the paper's text has it: all drafted tokens count. It would cost a draft
    step per batch to consume the last token, which is needed anyway if that is accepted and which we do not
    charge (ours).

    Parameters
    ----------
    h
        Threshold on the probability that at least one token is rejected.
    minimum, maximum
        Shortest and longest batch in tokens.
    lag
        By how many tokens the product lags, 0 or 1.
    """

    asks_seconds: ClassVar[bool] = False

    def __init__(self, h: float, minimum: int, maximum: int, lag: int) -> None:
        super().__init__(maximum_length=maximum)
        self.h = h
        self.minimum_length = minimum
        self.lag = lag
        self._all_accepted = 1.0
        self._last = NO_FACTOR

    def start(self, round: int) -> None:
        """Begin a batch: nothing in it yet that could be rejected."""
        super().start(round)
        self._all_accepted = 1.0
        self._last = NO_FACTOR

    def _ends_batch(self, signals: DraftSignals) -> bool:
        predicted = signals.predicted_acceptance
        if predicted is None:
            raise AhasdError(
                "specdecpp needs a predicted acceptance for every token, and the trace has none; use a trace "
                "recorded with an acceptance head (the shipped ones are), or fit a predictor on held-out "
                "prompts (ahasd.speculation.drafting.prepare does)"
            )
        self._all_accepted *= self._last if self.lag else predicted
        self._last = predicted
        return self._length >= self.minimum_length and 1 - self._all_accepted > self.h


def _stops(trace: RolloutTrace, parameters: Mapping[str, float]) -> NDArray[np.bool_]:
    if trace.predicted_acceptance is None:
        raise AhasdError("specdecpp: the trace has no predicted acceptance to calibrate on")
    factors = trace.predicted_acceptance.astype(np.float64)
    if parameters["lag"]:
        factors = np.hstack([np.full((len(factors), 1), NO_FACTOR), factors[:, :-1]])
    stops: NDArray[np.bool_] = 1 - factors.cumprod(axis=1) > parameters["h"]
    stops[:, : int(parameters["minimum"]) - 1] = False
    return stops


def _check(parameters: Mapping[str, float]) -> None:
    if parameters["minimum"] > parameters["maximum"]:
        raise AhasdError(
            f"specdecpp: minimum={parameters['minimum']:g} is above maximum={parameters['maximum']:g}; "
            "lower the one or raise the other"
        )


SPECDECPP = Algorithm(
    name="specdecpp",
    description="stops when a rejection is likelier than h, by an acceptance head (SpecDec++, arXiv 2405.19715)",
    parameters=(
        # The README's example has 0.3; the sample script and the card of the published head have 0.7.
        Parameter("h", 0.7, f"{CODE}: sample script and model card", low=0, high=1, low_excluded=True),
        Parameter("minimum", 2, CODE, low=1, high=1024, integer=True),
        Parameter("maximum", 20, CODE, low=1, high=1024, integer=True),
        Parameter("lag", 1, f"{CODE}: the loop skips the first factor", low=0, high=1, integer=True),
    ),
    build=lambda parameters: SpecDecPp(
        h=parameters["h"],
        minimum=int(parameters["minimum"]),
        maximum=int(parameters["maximum"]),
        lag=int(parameters["lag"]),
    ),
    length_limit="maximum",
    calibration=Calibration(parameters=("h",), stops=_stops),
    needs_predicted_acceptance=True,
    check=_check,
)
