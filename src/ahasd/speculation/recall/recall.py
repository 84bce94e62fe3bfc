"""Runs that need not be simulated, because their schedule did the same before."""

import json
from collections import OrderedDict

from ahasd.speculation.configuration import Resolved
from ahasd.speculation.machine import Machine
from ahasd.speculation.options.schedules import (
    AsynchronousOptions,
    AutoregressiveOptions,
    PearlOptions,
    ScheduleOptions,
    SerialOptions,
)
from ahasd.speculation.recall.same_times import same_times
from ahasd.speculation.recall.script import Script
from ahasd.speculation.schedule import SpeculationOutcome

#: Scripts that are kept, some 600 KB each at 1024 tokens, so 300 MB in a sweep of many seeds (ours).
SCRIPTS = 512

#: Pairs of machines whose comparison is kept (ours).
COMPARED = 64

_OPTIONS = (AsynchronousOptions, AutoregressiveOptions, PearlOptions, SerialOptions)


class Recall:
    """Scripts of earlier runs, by all that a schedule's decisions depend on but the machine.

    A serial schedule whose policy never asks for seconds does the same on every machine: only its times and energies
    are computed anew. Any other does the same where all steps take the same time, as on machines that differ in
    energy constants alone. Everything else is simulated.
    """

    def __init__(self, capacity: int = SCRIPTS) -> None:
        self._capacity = capacity
        self._scripts: OrderedDict[str, Script] = OrderedDict()
        self._compared: OrderedDict[tuple[int, int], tuple[Machine, Machine, bool]] = OrderedDict()

    def outcome(self, resolved: Resolved, machine: Machine) -> tuple[SpeculationOutcome, int] | None:
        """What the run of a configuration comes to on a machine, with the walk's wraps; None if that is not known."""
        key = _key(resolved, machine)
        script = self._scripts.get(key)
        if script is None:
            return None
        self._scripts.move_to_end(key)
        found = None
        if _asks_no_time(resolved):
            found = script.in_turn_on(machine)
        elif self._same(script.machine, machine):
            found = script.on(machine)
        return None if found is None else (found, script.wraps)

    def keep(self, resolved: Resolved, machine: Machine, outcome: SpeculationOutcome, wraps: int) -> None:
        """Remember a run that was simulated."""
        script = Script.of(machine, outcome, wraps)
        if script is not None:
            self._scripts[_key(resolved, machine)] = script
            if len(self._scripts) > self._capacity:
                self._scripts.popitem(last=False)

    def _same(self, one: Machine, other: Machine) -> bool:
        key = id(one), id(other)  # of machines that are held here, so that no other has their numbers
        if key not in self._compared:
            self._compared[key] = one, other, same_times(one, other)
            if len(self._compared) > COMPARED:
                self._compared.popitem(last=False)
        return self._compared[key][2]


def _asks_no_time(resolved: Resolved) -> bool:
    algorithm = resolved.algorithm
    return (
        isinstance(resolved.system, SerialOptions)
        and algorithm is not None
        and not algorithm.fresh_policy().asks_seconds
    )


def _key(resolved: Resolved, machine: Machine) -> str:
    """All that decisions depend on, but what steps cost."""
    configuration, system = resolved.configuration, resolved.system
    options: type[ScheduleOptions] = next(kind for kind in _OPTIONS if isinstance(system, kind))
    return json.dumps(
        [
            system.model_dump(mode="json", include={*options.model_fields}),
            configuration.algorithm,
            resolved.trace_sha256,
            configuration.coins,
            configuration.seed,
            configuration.tokens,
            repr(machine.lengths),
        ]
    )
