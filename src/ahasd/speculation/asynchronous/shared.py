"""What drafter and verifier share: the clock, the text, the queues, and the machine's conflicts."""

from dataclasses import dataclass, field

from ahasd.simulation.engine import Engine
from ahasd.simulation.polling import PollingClock
from ahasd.simulation.queues import BoundedQueue
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.asynchronous.contention import Contention
from ahasd.speculation.asynchronous.entries import TargetEntries
from ahasd.speculation.asynchronous.text import BatchMessage, Text, VerdictMessage
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import ModelStep
from ahasd.speculation.options.schedules import AsynchronousOptions


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
        Batches that the scheduler hands back to the drafter's device, as counts of tokens.
    contention
        How fast each side goes while the other runs.
    entries
        KV entries of the target that exist.
    decision_ps
        Time of a decision of EDC or TVC.
    llr
        (picoseconds, batches that EDC counts as unverified from then on), whenever that changed.
    """

    machine: Machine
    options: AsynchronousOptions
    engine: Engine
    timeline: Timeline[ModelStep]
    text: Text
    unverified: BoundedQueue[BatchMessage] = field(init=False)
    feedback: BoundedQueue[VerdictMessage] = field(init=False)
    preverification: BoundedQueue[int] = field(init=False)
    contention: Contention = field(init=False)
    entries: TargetEntries = field(init=False)
    decision_ps: int = field(init=False)
    llr: list[tuple[int, int]] = field(init=False, default_factory=list)
    _transfer_ps: int = field(init=False)
    _polling: PollingClock = field(init=False)

    def __post_init__(self) -> None:
        machine, capacities = self.machine, self.options.queues
        messages = machine.messages
        self._transfer_ps, self.decision_ps = messages.transfer_ps, messages.decision_ps
        self._polling = PollingClock(messages.polling_ps)
        self.contention = Contention(self.engine, machine)
        self.entries = TargetEntries(machine.lengths.prompt)
        self.unverified = BoundedQueue("unverified_drafts", capacities.unverified_drafts)
        self.feedback = BoundedQueue("feedback", capacities.feedback)
        self.preverification = BoundedQueue("preverification", capacities.preverification)

    @property
    def now(self) -> int:
        """Picoseconds since prefill."""
        return self.engine.now

    @property
    def arrival(self) -> int:
        """Picosecond at which the other side sees a message that is sent now: written, then found by a poll."""
        return self._polling.visible_at(self.engine.now + self._transfer_ps)
