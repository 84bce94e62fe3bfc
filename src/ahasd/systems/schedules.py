"""The schedules by name."""

from collections.abc import Callable

from ahasd.systems.asynchronous import Asynchronous
from ahasd.systems.autoregressive import Autoregressive
from ahasd.systems.machine import Machine
from ahasd.systems.pearl import Pearl
from ahasd.systems.schedule import Schedule
from ahasd.systems.serial import Serial

SCHEDULES: dict[str, type[Schedule]] = {
    "autoregressive": Autoregressive,
    "serial": Serial,
    "asynchronous": Asynchronous,
    "pearl": Pearl,
}


def build_schedule(machine: Machine, watch: Callable[[int], None] | None = None) -> Schedule:
    """Build the schedule that the machine's system names; ``watch`` is told the tokens emitted."""
    return SCHEDULES[machine.system.schedule](machine, watch)
