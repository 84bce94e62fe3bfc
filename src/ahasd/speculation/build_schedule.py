"""The schedules by their options."""

from collections.abc import Callable
from typing import Any

from ahasd.speculation.asynchronous import Asynchronous
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.control.pilot import Pilot
from ahasd.speculation.machine import Machine
from ahasd.speculation.options.schedules import AsynchronousOptions, ScheduleOptions
from ahasd.speculation.pearl import Pearl
from ahasd.speculation.schedule import Schedule
from ahasd.speculation.serial import Serial

SCHEDULES: dict[str, type[Schedule[Any]]] = {
    "autoregressive": Autoregressive,
    "serial": Serial,
    "asynchronous": Asynchronous,
    "pearl": Pearl,
}


def build_schedule(
    machine: Machine,
    options: ScheduleOptions,
    watch: Callable[[int], None] | None = None,
    pilot: Pilot | None = None,
) -> Schedule[Any]:
    """Build the schedule whose options these are.

    Parameters
    ----------
    watch
        Is told the tokens emitted.
    pilot
        The control of an asynchronous schedule whose option ``control`` is ``own``; it runs a copy.
    """
    if isinstance(options, AsynchronousOptions) and options.control == "own":
        return Asynchronous(machine, options, watch, pilot)
    return SCHEDULES[options.schedule](machine, options, watch)
