"""The whole family in one file: its system, its configuration, its run, its result."""

from collections.abc import Callable
from typing import Literal

from pydantic import PositiveInt

from ahasd.family.accounting import device_shares, energy
from ahasd.family.changes import change_hardware, change_system
from ahasd.family.configuration import Configuration
from ahasd.family.energy_report import energy_report
from ahasd.family.family import Family
from ahasd.family.record import Record
from ahasd.family.result import Result, Verdict, Work
from ahasd.family.run import Run
from ahasd.family.system import System, SystemFiles
from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.preset.preset import load_preset
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Task, Timeline
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.precision import Precision


class SummingSystem(System):
    """What is summed, and how often."""

    family: Literal["summing"] = "summing"
    elements: PositiveInt
    repeats: PositiveInt = 1


class SummingSection(Record):
    """The family's own part of a result."""

    additions: int


class SummingResult(Result):
    """A result with the section ``summing``."""

    summing: SummingSection


class SummingRun(Run):
    """Sums, one after the other."""

    def __init__(self, configuration: Configuration) -> None:
        system = configuration.system
        loaded = SYSTEMS.load(system) if isinstance(system, str) else SummingSystem(**system)
        self.configuration = configuration
        self.system = change_system(loaded, configuration.set)
        hardware = configuration.hardware or self.system.default_hardware
        assert isinstance(hardware, str), "this example reads hardware by name"
        self.preset = change_hardware(
            load_preset(hardware), configuration.set, self.system, configuration.fidelity
        )
        self.npu = build_npu(self.preset.hardware, 1, Precision(8, 8), configuration.fidelity)
        self._outcome: Outcome[Task] | None = None

    @property
    def work(self) -> int:
        """Sums asked for."""
        return self.system.repeats

    @property
    def outcome(self) -> Outcome[Task]:
        """What was done."""
        return self._outcome if self._outcome is not None else self.simulate()

    def simulate(self, watch: Callable[[int], None] | None = None) -> Outcome[Task]:
        """Sum as often as asked."""
        graph = GraphBuilder(Precision(8, 8))
        numbers = graph.input("numbers", (1, self.system.elements))
        graph.vector("sum", (numbers,), operations=self.system.elements)
        cost, timeline, now = self.npu.cost(graph.graph()), Timeline[Task](), 0
        for done in range(self.work):
            timeline.add(Task("npu", "sum", now, now + to_picoseconds(cost.seconds), cost))
            now += to_picoseconds(cost.seconds)
            if watch is not None:
                watch(done + 1)
        self._outcome = Outcome(now, timeline)
        return self._outcome

    def result(self) -> SummingResult:
        """Add it up."""
        hardware, seconds, system = self.preset.hardware, self.outcome.end * 1e-12, self.system
        joules = energy(hardware, self.outcome)
        sentence = f"{self.work / seconds:.4g} sums a second, {sum(joules.values()) / self.work:.3g} J each."
        return SummingResult(
            family=system.family,
            system=system.name,
            hardware=hardware.name,
            verdict=Verdict(best=system.name, pays=True, sentence=sentence),
            work=Work(done=self.work, unit="sum"),
            seconds=seconds,
            energy_j=joules,
            average_power_w=sum(joules.values()) / seconds,
            energy_report=energy_report(joules, self.work, seconds),
            devices=device_shares(hardware, ["npu"], self.outcome),
            options=system.model_dump(include={"elements", "repeats"}),
            notes=[],
            reproduce=self.frozen().model_dump(mode="json"),
            summing=SummingSection(additions=system.elements * self.work),
        )

    def frozen(self) -> Configuration:
        """Everything written out."""
        update = {"system": self.system.model_dump(), "hardware": self.preset.hardware.name, "set": ()}
        return self.configuration.model_copy(update=update)


SYSTEMS = SystemFiles("ahasd.summing", lambda document: SummingSystem(**document))

FAMILY = Family(
    name="summing",
    description="vectors are added up",
    systems=SYSTEMS,
    configuration=Configuration,
    result=SummingResult,
    start=SummingRun,
)
