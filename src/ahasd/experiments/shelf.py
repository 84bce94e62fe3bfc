"""Machines that were built before, for runs that differ in algorithm, trace or seed only."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.experiments.cell import Cell
from ahasd.experiments.energy_corners import at_corner
from ahasd.simulation.result import Result
from ahasd.speculation.machine import PlacedMachine
from ahasd.speculation.options import SystemPreset
from ahasd.systems.configuration import Resolved
from ahasd.systems.simulate import Run, build_machine, lengths_of
from ahasd.systems.target_alone import TargetAlone

#: Machines kept: those of a dozen systems with one pair, some of which are tried and then not run (ours).
CAPACITY = 24


class Shelf:
    """Runs cells one after the other; what a step costs is computed once for all cells of a machine.

    What a cell comes to does not depend on what ran before it: step costs are pure.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._machines: OrderedDict[str, tuple[PlacedMachine, TargetAlone]] = OrderedDict()
        self._repeated: tuple[str, dict[int, Run]] = "", {}

    def run(
        self,
        resolved: Resolved,
        seeds: Sequence[int],
        done: Callable[[int], None] = lambda runs: None,
        energy_range: bool = False,
    ) -> Cell:
        """Run a configuration with every seed; ``done`` is told how many are.

        With ``energy_range`` also at both ends of the energy constants' ranges.

        Returns
        -------
        Cell
            With the reason instead of results if it cannot run.
        """
        asked = resolved.configuration
        hardware = asked.hardware if isinstance(asked.hardware, str) else resolved.preset.hardware.name
        results: list[Result] = []
        joules: list[tuple[float, ...]] = [(), ()]
        refused = None
        try:
            run = Run(resolved, build=self._machine, alone=self._alone)
            for seed in seeds:
                results.append(self._seeded(run, seed).result(break_even=False))
                done(len(results))
            if energy_range:
                corners = [self.run(at_corner(resolved, end), seeds) for end in (0, 1)]
                for corner in corners:
                    if corner.refused is not None:
                        raise AhasdError(f"at an end of the energy constants' ranges: {corner.refused}")
                joules = [tuple(result.joules_per_token for result in corner.results) for corner in corners]
        except AhasdError as error:
            refused = str(error)
        names = resolved.pair.name, resolved.system.name, hardware
        return Cell(*names, tuple(results), refused, asked.algorithm, *joules)

    def run_one(self, resolved: Resolved) -> Result:
        """Run a configuration with its own seed.

        Raises
        ------
        AhasdError
            It cannot run; the message says why.
        """
        return Run(resolved, build=self._machine, alone=self._alone).result(break_even=False)

    def _seeded(self, run: Run, seed: int) -> Run:
        """The run with a seed; where the algorithm is not asked, what another one's run did."""
        seeded = run.with_seed(seed)
        if asks_algorithm(run.resolved.system):
            return seeded
        key = f"{_key(run.resolved)}\n{_replayed(run.resolved)}"
        if key != self._repeated[0]:
            self._repeated = key, {}
        earlier = self._repeated[1].setdefault(seed, seeded)
        if earlier is not seeded:
            seeded.take_outcome(earlier)
        return seeded

    def _machine(self, resolved: Resolved) -> PlacedMachine:
        return self._place(resolved)[0]

    def _alone(self, resolved: Resolved, machine: PlacedMachine) -> TargetAlone:
        return self._place(resolved)[1]

    def _place(self, resolved: Resolved) -> tuple[PlacedMachine, TargetAlone]:
        key = _key(resolved)
        if key not in self._machines:
            machine = build_machine(resolved)
            self._machines[key] = machine, TargetAlone(resolved, machine)
            if len(self._machines) > self._capacity:
                self._machines.popitem(last=False)
        self._machines.move_to_end(key)
        return self._machines[key]


def asks_algorithm(system: SystemPreset) -> bool:
    """Whether the drafting algorithm has a say in what a system does."""
    if system.schedule == "pearl":
        return system.block_length == "policy"
    return system.schedule == "serial" or (system.schedule == "asynchronous" and system.control == "paper")


def _replayed(resolved: Resolved) -> str:
    """Hash of what schedules see of a trace that do not ask the algorithm: all but predictions made for one."""
    trace = replace(resolved.trace, predicted_acceptance=None)
    return f"{trace.sha256} {resolved.configuration.coins}"


def _key(resolved: Resolved) -> str:
    """All that a machine is built from."""
    drafting = "with" if resolved.algorithm is not None else "without"
    return "\n".join(
        [
            resolved.system.model_dump_json(),
            resolved.preset.hardware.model_dump_json(),
            resolved.pair.draft.model_dump_json(),
            resolved.pair.target.model_dump_json(),
            f"{resolved.precision} {resolved.configuration.fidelity} {lengths_of(resolved)} {drafting} a draft",
        ]
    )
