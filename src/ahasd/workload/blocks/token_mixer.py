"""What lets the tokens of a decoder see each other: attention of some kind, or a recurrent state."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict

from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.precision import Precision


class Mixed(NamedTuple):
    """What mixing leaves.

    Attributes
    ----------
    result
        Name of the value that goes on.
    kept
        Names of the values that the next pass starts from: caches, states.
    """

    result: str
    kept: tuple[str, ...]


class TokenMixer(ABC):
    """A part of a layer in which tokens see those before them.

    It is built in three parts, since only the middle one depends on how much text there is: `project` makes of every
    token what the mixing takes, `mix` mixes against what earlier passes kept, `output` leads back to the channels of
    the layer. The first and the last are built once for all contexts.
    """

    #: Mixers are told apart by their fields where a specification is read back from JSON.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    @abstractmethod
    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add what is done with each token, and return the names of the values that `mix` takes."""

    @abstractmethod
    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add the mixing with `context` tokens that came before, whose cache or state is an input."""

    @abstractmethod
    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the value that `mix` makes of so many tokens."""

    @abstractmethod
    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the way from what `mix` made back to the channels of the layer."""

    @abstractmethod
    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes that are kept of a text of `entries` tokens; of none, those of a state of fixed size."""
