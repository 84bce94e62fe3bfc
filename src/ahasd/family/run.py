"""The extension point for runs: a configuration, looked up and placed, that can be simulated."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ahasd.family.configuration import Configuration
from ahasd.family.result import Result
from ahasd.simulation.outcome import Outcome


class Run(ABC):
    """One run of one configuration.

    Life cycle: built from a configuration by its family, which looks every name up and places the models, so that all
    that is wrong with the input is said then (:class:`~ahasd.errors.AhasdError`); ``simulate`` once, or not at all;
    then ``outcome``, ``result`` and ``frozen`` as often as wanted.
    """

    @abstractmethod
    def simulate(self, watch: Callable[[int], None] | None = None) -> Outcome[Any]:
        """Run the schedule; ``watch`` is told the work that is done whenever it grows."""

    @property
    @abstractmethod
    def outcome(self) -> Outcome[Any]:
        """What the schedule did; simulated when first asked for."""

    @property
    @abstractmethod
    def work(self) -> int:
        """The work that was asked for, in the unit of the result."""

    @property
    def draws(self) -> bool:
        """Whether the seed changes anything."""
        return True

    @abstractmethod
    def result(self) -> Result:
        """Add the run up."""

    @abstractmethod
    def frozen(self) -> Configuration:
        """The configuration with all that names stand for written out: the same run, wherever it is read."""
