"""The extension point for schedules: in which order devices work, and what that yields."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from ahasd.simulation.queues import QueueStatistics
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.control.edc.edc import EdcStatistics
from ahasd.speculation.control.tvc.tvc import TvcStatistics
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Machine
from ahasd.traces.rollout.walk import TraceWalk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a schedule did until the last token was emitted.

    Attributes
    ----------
    end
        Picoseconds from the end of prefill to the last emission.
    """

    end: int
    timeline: Timeline
    ledger: TokenLedger
    queues: dict[str, QueueStatistics] = field(default_factory=dict)
    edc: EdcStatistics | None = None
    tvc: TvcStatistics | None = None
    rank_switches: int = 0

    @property
    def mean_draft_length(self) -> float:
        """Tokens that a verification was given, on average; 0 without verifications."""
        widths = [task.width - 1 for task in self.timeline.tasks if task.kind == "verify"]
        return sum(widths) / len(widths) if widths else 0.0


class Schedule(ABC):
    """An order in which a machine's devices decode.

    Life cycle: built for a machine, then ``run`` once. Time starts at 0 when prefill is done and the prompt's
    last token waits to be fed. The schedule asks the machine what steps cost and the walk what the draft
    proposes and the target accepts; it never lets one decide the other. ``watch`` is told the tokens emitted.
    """

    def __init__(self, machine: Machine, watch: Callable[[int], None] | None = None) -> None:
        self.machine = machine
        self.watch = watch

    @abstractmethod
    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> Outcome:
        """Decode until ``tokens`` are emitted; ``policy`` is None where nothing is drafted.

        Returns
        -------
        Outcome
            Timeline, token counts and statistics of the controllers.
        """
