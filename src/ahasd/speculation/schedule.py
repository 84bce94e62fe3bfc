"""The extension point for schedules: in which order devices work, and what that yields."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import energy_of
from ahasd.speculation.control.edc.edc import EdcStatistics
from ahasd.speculation.control.tvc.tvc import TvcStatistics
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import WASTED, ModelStep
from ahasd.speculation.options.schedules import ScheduleOptions
from ahasd.speculation.trees.simulated.verified import VerifiedTrees
from ahasd.traces.rollout.walk import TraceWalk


@dataclass(frozen=True, slots=True)
class SpeculationOutcome(Outcome[ModelStep]):
    """What a schedule did from the end of prefill until the last token was emitted.

    Attributes
    ----------
    ledger
        Every drafted and emitted token.
    edc, tvc
        Statistics of the controllers that the schedule has.
    rank_switches
        How often the ranks that compute changed.
    trees
        What was verified, where that were trees.
    """

    ledger: TokenLedger
    edc: EdcStatistics | None = None
    tvc: TvcStatistics | None = None
    rank_switches: int = 0
    trees: VerifiedTrees | None = None

    @property
    def mean_draft_length(self) -> float:
        """Tokens that a verification was given, on average; 0 without verifications."""
        widths = [step.width - 1 for step in self.timeline.tasks if step.kind == "verify"]
        return sum(widths) / len(widths) if widths else 0.0

    @property
    def wasted_j(self) -> float:
        """Joules of the work that brought no token."""
        wasted = [step for step in self.timeline.tasks if step.fate in WASTED]
        return sum(energy_of(wasted, self.end).values())


OptionsType = TypeVar("OptionsType", bound=ScheduleOptions)


class Schedule(ABC, Generic[OptionsType]):
    """An order in which a machine's devices decode.

    Life cycle: built for a machine with the options of its kind, then ``run`` once. Time starts at 0 when prefill is
    done and the prompt's last token waits to be fed. The schedule asks the machine what steps cost and the walk what
    the draft proposes and the target accepts; it never lets one decide the other. ``watch`` is told the tokens
    emitted.
    """

    def __init__(
        self, machine: Machine, options: OptionsType, watch: Callable[[int], None] | None = None
    ) -> None:
        self.machine, self.options, self.watch = machine, options, watch

    @abstractmethod
    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Decode until ``tokens`` are emitted; ``policy`` is None where nothing is drafted.

        Returns
        -------
        SpeculationOutcome
            Timeline, token counts and statistics of the controllers.
        """
