"""A drafting policy of a user's own, where otherwise an algorithm of the catalogue is named."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, Protocol

from ahasd.speculation.drafting.policy import DraftingPolicy


class DraftsBy(Protocol):
    """What drafts in a run: an algorithm of the catalogue with its numbers, or a policy of a user's own."""

    @property
    def name(self) -> str:
        """As results name it."""

    @property
    def provenance(self) -> str:
        """Where its numbers come from."""

    @property
    def numbers_from(self) -> str:
        """The same in a word."""

    @property
    def longest_batch(self) -> int:
        """Tokens of a batch at most."""

    def fresh_policy(self) -> DraftingPolicy:
        """A policy that has seen nothing yet."""


@dataclass(frozen=True)
class OwnAlgorithm:
    """A policy that was given as an object.

    Attributes
    ----------
    policy
        As it was given; every run gets a copy of it as it was when the first run was built.
    """

    policy: DraftingPolicy

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", deepcopy(self.policy))

    @property
    def name(self) -> str:
        """Name of its class."""
        return type(self.policy).__name__

    @property
    def provenance(self) -> str:
        """That it is no algorithm of ours."""
        return "an object given to simulate()"

    @property
    def numbers_from(self) -> Literal["own"]:
        """From the object."""
        return "own"

    @property
    def longest_batch(self) -> int:
        """Tokens of a batch at most."""
        return self.policy.maximum_length

    def fresh_policy(self) -> DraftingPolicy:
        """A copy of the policy as it was given."""
        return deepcopy(self.policy)

    def __str__(self) -> str:
        return self.name
