"""What a simulated run asks of the controllers: batches per second, and the entropies of some of them."""

from dataclasses import dataclass
from typing import Any

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun

#: Of the run; the rates settle well before.
TOKENS = 256

#: Whose entropies are played to the hardware.
BATCHES = 48


@dataclass(frozen=True, slots=True)
class ControllerWorkload:
    """Of one run with the controllers in fixed point.

    Attributes
    ----------
    decisions_per_second
        Of EDC.
    batches
        Entropies of the tokens of some batches, nats; all of the run's mean length.
    """

    decisions_per_second: float
    batches: tuple[tuple[float, ...], ...]


def controller_workload(**values: Any) -> ControllerWorkload:
    """Simulate AHASD (fields as of :func:`ahasd.speculation.run.simulate`) and take the figures."""
    fixed = ("system.edc_options.arithmetic=fixed", "system.tvc_options.arithmetic=fixed")
    settings = {"system": "ahasd", "tokens": TOKENS, **values, "set": (*fixed, *values.get("set", ()))}
    run = SpeculationRun(resolve(RunConfiguration.checked(**settings)))
    result = run.result()
    assert result.speculation.controller is not None, "the system has EDC"
    assert result.speculation.controller.edc is not None, "the system has EDC"
    decisions = result.speculation.controller.edc.decisions
    entropies = run.resolved.rollout.entropy
    length = min(max(1, round(result.speculation.drafted / decisions)), entropies.shape[1])
    rows = entropies[: BATCHES * length : length, :length]
    return ControllerWorkload(
        decisions / result.seconds, tuple(tuple(float(nats) for nats in row) for row in rows)
    )
