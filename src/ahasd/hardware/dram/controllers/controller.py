"""The common part of the controllers."""

from abc import ABC, abstractmethod

from ahasd.hardware.dram.controllers.channel_state import ChannelState
from ahasd.hardware.dram.controllers.queues import RequestQueues
from ahasd.hardware.dram.controllers.refresh_clock import NEVER, refresh_clock
from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.result import CommandCounts
from ahasd.hardware.dram.streams.stream import StreamPattern
from ahasd.hardware.dram.timing import DramTiming

__all__ = ["NEVER", "Controller"]


class Controller(ABC):
    """Issues at most one command a cycle.

    The player creates a controller for a stream, then calls :meth:`step` until it is :attr:`done`. A step looks
    at cycle ``now``: it takes in requests, issues the best allowed command, and moves ``now`` to the next cycle
    at which something can happen. Between steps :meth:`key` describes the state relative to ``now``, so that the
    player can notice a state that it has seen before.
    """

    unified = False
    first_cycle = 0  # of the first step, after ``begin``; refreshes are counted from ``begin``

    def __init__(
        self,
        timing: DramTiming,
        organisation: ChannelOrganisation,
        pattern: StreamPattern,
        requests: int,
        begin: int = 0,
    ) -> None:
        self.timing = timing
        self.organisation = organisation
        self.state = ChannelState(timing, organisation)
        self.queues = RequestQueues(organisation, pattern, requests, self.unified)
        self.begin = begin
        self.now = begin + self.first_cycle
        self.last_data = begin
        self.refreshes_all = self.refreshes_bank = 0
        self.clock = refresh_clock(timing, organisation, begin)
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Set up what the controller keeps beside the common state; called once, last in construction."""

    @abstractmethod
    def step(self) -> None:
        """Issue at most one command and advance ``now``."""

    @property
    @abstractmethod
    def done(self) -> bool:
        """No request is left."""

    @abstractmethod
    def key(self) -> tuple[object, ...]:
        """State that the future depends on, relative to ``now`` and to the next request."""

    def commands(self) -> CommandCounts:
        """Commands so far."""
        state = self.state
        return CommandCounts(
            state.activates,
            state.reads,
            state.writes,
            state.precharges,
            self.refreshes_all,
            self.refreshes_bank,
        )
