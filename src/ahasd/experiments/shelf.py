"""Machines that were built before, for runs that differ in algorithm, trace or seed only."""

from collections import OrderedDict
from dataclasses import replace

from ahasd.speculation.configuration import Resolved
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.recall.recall import Recall
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import SpeculationRun, build_machine, lengths_of
from ahasd.speculation.target_alone import TargetAlone
from ahasd.traces.rollout.rollout import RolloutTrace

#: Machines kept: those of a dozen systems with one pair, some of which are tried and then not run (ours).
CAPACITY = 24

#: Runs of one machine and trace that are kept for other algorithms which are not asked: those of some seeds (ours).
SEEDS = 16


class Shelf:
    """Runs cells one after the other; what a step costs is computed once for all cells of a machine.

    What a cell comes to does not depend on what ran before it: step costs are pure.

    Parameters
    ----------
    capacity
        Machines that are kept.
    recall
        Runs whose schedules did the same before; None simulates every run.
    """

    def __init__(self, capacity: int = CAPACITY, recall: Recall | None = None) -> None:
        self._capacity = capacity
        self.recall = recall
        self._machines: OrderedDict[str, tuple[PlacedMachine, TargetAlone]] = OrderedDict()
        self._latest: tuple[Resolved, SpeculationRun] | None = None
        self._repeated: tuple[str, dict[int, SpeculationRun]] = "", {}
        self._placed: tuple[Resolved, str] | None = None

    def run(self, resolved: Resolved, seed: int, documents: bool = True) -> SpeculationResult:
        """Run a configuration with a seed, without the search for the break-even.

        Parameters
        ----------
        documents
            Whether the result holds options, placement and the configuration, as that of a single run does.

        Raises
        ------
        AhasdError
            It cannot run; the message says why.
        """
        if self._latest is None or self._latest[0] is not resolved:
            self._latest = resolved, SpeculationRun(resolved, build=self._machine, alone=self._alone)
        return self._seeded(self._latest[1], seed).result(search_break_even=False, documents=documents)

    def run_one(self, resolved: Resolved) -> SpeculationResult:
        """Run a configuration with its own seed; see :meth:`run`."""
        return self.run(resolved, resolved.configuration.seed)

    def _seeded(self, run: SpeculationRun, seed: int) -> SpeculationRun:
        """The run with a seed; where the algorithm is not asked, what another one's run did."""
        seeded = run.with_seed(seed)
        if run.resolved.system.asks_policy:
            self._simulated(seeded)
            return seeded
        key = f"{_key(run.resolved)}\n{_replayed(run.resolved)}"
        if key != self._repeated[0]:
            self._repeated = key, {}
        kept = self._repeated[1]
        if seed in kept:
            seeded.take_outcome(kept[seed])
        elif len(kept) < SEEDS:
            kept[seed] = seeded
        return seeded

    def _simulated(self, run: SpeculationRun) -> None:
        """Have the run simulated, or what it would come to recalled."""
        if self.recall is None:
            return
        machine = run.placed.machine
        known = self.recall.outcome(run.resolved, machine)
        if known is not None:
            run.take_recalled(*known)
        else:
            self.recall.keep(run.resolved, machine, run.outcome, run.wraps)

    def _machine(self, resolved: Resolved) -> PlacedMachine:
        return self._place(resolved)[0]

    def _alone(self, resolved: Resolved, machine: PlacedMachine) -> TargetAlone:
        return self._place(resolved)[1]

    def _place(self, resolved: Resolved) -> tuple[PlacedMachine, TargetAlone]:
        if self._placed is None or self._placed[0] is not resolved:
            self._placed = resolved, _key(resolved)
        key = self._placed[1]
        if key not in self._machines:
            machine = build_machine(resolved)
            self._machines[key] = machine, TargetAlone(resolved, machine)
            if len(self._machines) > self._capacity:
                self._machines.popitem(last=False)
        self._machines.move_to_end(key)
        return self._machines[key]


def _replayed(resolved: Resolved) -> str:
    """Hash of what schedules see of a trace that do not ask the algorithm: all but predictions made for one."""
    trace = resolved.trace
    if isinstance(trace, RolloutTrace):
        trace = replace(trace, predicted_acceptance=None)
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
