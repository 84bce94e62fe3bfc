"""A model that writes what was heard."""

from abc import ABC, abstractmethod

from ahasd.hardware.placement.placement import Resident
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.precision import Precision


class Writer(ABC):
    """A decoder, and what lets it hear.

    Life cycle: built from a name of a pair and without state; asked for the graphs of its passes, and for what it
    keeps in memory.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Of the model."""

    @property
    def recorded_as(self) -> str:
        """What traces of it call it."""
        return self.name

    @property
    @abstractmethod
    def encoder_name(self) -> str:
        """Two writers with the same one hear by one encoder, which then runs once."""

    @abstractmethod
    def hearing(self, precision: Precision) -> LayeredGraph:
        """Graph of its encoder over a window, with all that its decoder keeps of that."""

    @abstractmethod
    def attending(self, precision: Precision) -> LayeredGraph | None:
        """The part of `hearing` that is left where the other model's encoder ran; None if nothing is."""

    @abstractmethod
    def decoding(self, tokens: int, context: int, precision: Precision, logits: int | None) -> LayeredGraph:
        """Graph of passing so many new tokens; see `Decoder.forward_pass`."""

    @abstractmethod
    def prompt(self, tokens: int) -> int:
        """Tokens of the prompt of a window, of which so many are told."""

    @abstractmethod
    def check_length(self, tokens: int) -> None:
        """See that a text of so many tokens, prompt included, can be written.

        Raises
        ------
        AhasdError
            It is too long.
        """

    @abstractmethod
    def resident(self, tokens: int, precision: Precision, hears: bool) -> Resident:
        """What it keeps in memory of a text of so many tokens, its encoder where it `hears` by one of its own."""
