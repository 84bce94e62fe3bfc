"""The parts of the controller, each a Verilog module."""

from dataclasses import dataclass
from typing import Self

from ahasd.rtl.controllers.edc import EntropyDraftController
from ahasd.rtl.controllers.sample_latch import SampleLatch
from ahasd.rtl.controllers.tvc import TimeAwareVerificationController
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.control_block import ControlBlock
from ahasd.rtl.top.descriptors import draft_layout, preverification_layout, verdict_layout
from ahasd.rtl.top.queue import Queue
from ahasd.rtl.top.rank_gate import RankGate
from ahasd.rtl.top.task_scheduler import TaskScheduler


@dataclass(frozen=True, slots=True)
class ControllerParts:
    """What is joined; the names are those of the Verilog modules."""

    edc: EntropyDraftController
    tvc: TimeAwareVerificationController
    task_scheduler: TaskScheduler
    rank_gate: RankGate
    control_block: ControlBlock
    sample_latch: SampleLatch
    draft_queue: Queue
    feedback_queue: Queue
    preverification_queue: Queue

    @classmethod
    def of(cls, parameters: HardwareParameters) -> Self:
        """Build them for these sizes."""
        capacities, words = parameters.queues, parameters.tvc.fixed_point
        return cls(
            EntropyDraftController(parameters),
            TimeAwareVerificationController(parameters),
            TaskScheduler(),
            RankGate(parameters),
            ControlBlock(),
            SampleLatch(words.cycle_bits, words.length_bits),
            Queue(draft_layout(parameters).size, capacities.unverified_drafts),
            Queue(verdict_layout(parameters).size, capacities.feedback),
            Queue(preverification_layout(parameters).size, capacities.preverification),
        )
