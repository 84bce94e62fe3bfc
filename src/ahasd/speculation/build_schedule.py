"""The schedules by their options."""

from collections.abc import Callable
from typing import Any

from ahasd.speculation.asynchronous import Asynchronous
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.machine import Machine
from ahasd.speculation.options.schedules import ScheduleOptions
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
    machine: Machine, options: ScheduleOptions, watch: Callable[[int], None] | None = None
) -> Schedule[Any]:
    """Build the schedule whose options these are; ``watch`` is told the tokens emitted."""
    return SCHEDULES[options.schedule](machine, options, watch)
