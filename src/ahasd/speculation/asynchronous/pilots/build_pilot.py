"""The pilot that the option ``control`` names."""

from copy import deepcopy

from ahasd.errors import AhasdError
from ahasd.speculation.asynchronous.pilots.clairvoyant import Clairvoyant, plan
from ahasd.speculation.control.goodput.acceptance_estimate import KnownAcceptance, LearnedAcceptance
from ahasd.speculation.control.goodput.goodput import Goodput
from ahasd.speculation.control.pilot import Pilot
from ahasd.speculation.machine import Machine
from ahasd.speculation.options.schedules import AsynchronousOptions
from ahasd.traces.rollout.walk import TraceWalk


def build_pilot(
    machine: Machine, options: AsynchronousOptions, walk: TraceWalk, tokens: int, own: Pilot | None = None
) -> Pilot | None:
    """Build the pilot of a run; None where batches, EDC and TVC are in control, as in the paper.

    Raises
    ------
    AhasdError
        The control is said to be a user's own, and no object was given.
    """
    control = options.control
    if control == "own":
        if own is None:
            raise AhasdError("system.control is own: give the object, ahasd.simulate(control=…)")
        return deepcopy(own)
    if control == "goodput":
        return Goodput(LearnedAcceptance())
    if control == "informed":
        return Goodput(KnownAcceptance())
    if control in ("clairvoyant", "exact"):
        apart = options.catch_up == "separate"
        return Clairvoyant(plan(machine, apart, walk, tokens, cuts=control == "clairvoyant"))
    return None
