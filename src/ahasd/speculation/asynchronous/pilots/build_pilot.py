"""The pilot that the option ``control`` names."""

from ahasd.speculation.asynchronous.pilots.clairvoyant import Clairvoyant, plan
from ahasd.speculation.control.goodput.acceptance_estimate import KnownAcceptance, LearnedAcceptance
from ahasd.speculation.control.goodput.goodput import Goodput
from ahasd.speculation.control.pilot import Pilot
from ahasd.speculation.machine import Machine
from ahasd.speculation.options.schedules import AsynchronousOptions
from ahasd.traces.rollout.walk import TraceWalk


def build_pilot(machine: Machine, options: AsynchronousOptions, walk: TraceWalk, tokens: int) -> Pilot | None:
    """Build the pilot of a run; None where batches, EDC and TVC are in control, as in the paper."""
    control = options.control
    if control == "goodput":
        return Goodput(LearnedAcceptance())
    if control == "informed":
        return Goodput(KnownAcceptance())
    if control in ("clairvoyant", "exact"):
        apart = options.catch_up == "separate"
        return Clairvoyant(plan(machine, apart, walk, tokens, cuts=control == "clairvoyant"))
    return None
