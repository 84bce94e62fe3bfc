"""The schedules by name."""

from collections.abc import Callable

from ahasd.speculation.asynchronous import Asynchronous
from ahasd.speculation.autoregressive import Autoregressive
from ahasd.speculation.machine import Machine
from ahasd.speculation.pearl import Pearl
from ahasd.speculation.schedule import Schedule
from ahasd.speculation.serial import Serial

SCHEDULES: dict[str, type[Schedule]] = {
    "autoregressive": Autoregressive,
    "serial": Serial,
    "asynchronous": Asynchronous,
    "pearl": Pearl,
}


def build_schedule(machine: Machine, watch: Callable[[int], None] | None = None) -> Schedule:
    """Build the schedule that the machine's system names; ``watch`` is told the tokens emitted."""
    return SCHEDULES[machine.system.schedule](machine, watch)
