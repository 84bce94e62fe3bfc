"""What drafter and verifier share: the clock, the text, the queues, and the machine's conflicts."""

from dataclasses import dataclass, field

from ahasd.control.queues import BoundedQueue
from ahasd.hardware.cost import StepCost
from ahasd.simulation.engine import PICOSECONDS, Engine
from ahasd.simulation.timeline import Task, Timeline
from ahasd.systems.asynchronous.text import Batch, Text, Verdict
from ahasd.systems.machine import Machine


@dataclass(slots=True)
class Shared:
    """The common ground of one asynchronous run.

    Attributes
    ----------
    unverified
        Batches on their way to the verifier.
    feedback
        Verdicts on their way to the drafter.
    preverification
        Batches that the scheduler hands back to the PIM, as counts of tokens.
    transfer_ps, decision_ps
        Time of a message between the sides, and of a decision of EDC or TVC.
    """

    machine: Machine
    engine: Engine
    timeline: Timeline
    text: Text
    unverified: BoundedQueue[Batch] = field(init=False)
    feedback: BoundedQueue[Verdict] = field(init=False)
    preverification: BoundedQueue[int] = field(init=False)
    transfer_ps: int = field(init=False)
    decision_ps: int = field(init=False)
    _bus_ps_per_byte: float = field(init=False)

    def __post_init__(self) -> None:
        machine, capacities = self.machine, self.machine.system.queues
        self.transfer_ps, self.decision_ps = machine.transfer_ps, machine.decision_ps
        ideal = machine.system.ideal_bus_sharing
        self._bus_ps_per_byte = 0.0 if ideal else PICOSECONDS / machine.bus_bytes_per_second
        self.unverified = BoundedQueue("unverified_drafts", capacities.unverified_drafts)
        self.feedback = BoundedQueue("feedback", capacities.feedback)
        self.preverification = BoundedQueue("preverification", capacities.preverification)

    @property
    def now(self) -> int:
        """Picoseconds since prefill."""
        return self.engine.now

    def bus_ps(self, cost: StepCost) -> int:
        """Time for which a PIM step's vectors take the bus away from the NPU's stream."""
        return round(cost.bus_bytes * self._bus_ps_per_byte)

    def bus_ahead_ps(self, task: Task) -> int:
        """Bus time of a running PIM step that still lies ahead, for a verification that starts now."""
        left = (task.end - self.now) / (task.end - task.start)
        return round(left * self.bus_ps(task.cost))
