"""The whole family in one file: its system, its configuration, its run, its result."""

from collections.abc import Callable
from typing import Literal

from pydantic import PositiveInt

from ahasd.family.accounting import added_up
from ahasd.family.configuration import Configuration
from ahasd.family.family import Family
from ahasd.family.look_up import look_up
from ahasd.family.record import Record
from ahasd.family.result import Result, Verdict, Work
from ahasd.family.run import Run
from ahasd.family.system import System, SystemFiles
from ahasd.hardware.build_devices import build_npu
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
        self.configuration = configuration
        self.system, self.preset = look_up(configuration, SYSTEMS)
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
        graph, elements = GraphBuilder(Precision(8, 8)), self.system.elements
        graph.vector("sum", (graph.input("numbers", (1, elements)),), operations=elements)
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
        system, hardware = self.system, self.preset.hardware
        added = added_up(hardware, self.outcome, ["npu"], self.work)
        sentence = f"{self.work / added['seconds']:.4g} sums a second at {added['average_power_w']:.3g} W."
        return SummingResult(
            family=system.family,
            system=system.name,
            hardware=hardware.name,
            verdict=Verdict(best=system.name, pays=True, sentence=sentence),
            work=Work(done=self.work, unit="sum"),
            **added,
            options=system.model_dump(include={"elements", "repeats"}),
            notes=[],
            reproduce=self.frozen().model_dump(mode="json"),
            summing=SummingSection(additions=system.elements * self.work),
        )

    def frozen(self) -> Configuration:
        """Everything written out."""
        update = {"system": self.system.model_dump(), "hardware": self.preset.to_document(), "set": ()}
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
