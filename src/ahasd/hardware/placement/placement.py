"""Where the models lie: sets of ranks, checked against their capacity."""

from dataclasses import dataclass
from math import ceil

from ahasd.errors import AhasdError
from ahasd.hardware.preset.sections import MemorySection


@dataclass(frozen=True, slots=True)
class RankSet:
    """The same ranks on every channel of a module.

    Attributes
    ----------
    channels
        Channels that take part.
    first, per_channel
        The ranks ``first … first + per_channel - 1`` of each of them.
    """

    channels: int
    first: int
    per_channel: int

    @property
    def count(self) -> int:
        """Ranks in the set."""
        return self.channels * self.per_channel

    def overlaps(self, other: "RankSet") -> bool:
        """Whether a rank is in both."""
        return self.first < other.first + other.per_channel and other.first < self.first + self.per_channel

    def members(self) -> list[tuple[int, int]]:
        """(channel, rank) of each."""
        return [
            (c, r) for c in range(self.channels) for r in range(self.first, self.first + self.per_channel)
        ]


@dataclass(frozen=True, slots=True)
class Resident:
    """What a model keeps in memory: weights, and its KV cache at full length."""

    name: str
    weight_bytes: int
    kv_bytes: int

    @property
    def bytes(self) -> int:
        """Weights and cache."""
        return self.weight_bytes + self.kv_bytes

    def arithmetic(self) -> str:
        """The sum, for an error message."""
        return (
            f"{self.name}: {self.weight_bytes / 1e9:.2f} GB of weights + {self.kv_bytes / 1e9:.2f} GB of KV cache "
            f"= {self.bytes / 1e9:.2f} GB"
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """The ranks of the target and of the draft; None for a model that is elsewhere, or not there."""

    target: RankSet | None
    draft: RankSet | None

    def of(self, model: str) -> RankSet | None:
        """The ranks of ``target`` or ``draft``."""
        return self.target if model == "target" else self.draft


def place_shared(memory: MemorySection, residents: list[Resident]) -> RankSet:
    """Interleave everything over all ranks, as a device that only streams would.

    Raises
    ------
    AhasdError
        The sum exceeds the module.
    """
    needed = sum(resident.bytes for resident in residents)
    available = memory.ranks * memory.rank_capacity_bytes
    if needed > available:
        raise AhasdError(_does_not_fit(residents, memory))
    return RankSet(memory.channels, 0, memory.ranks_per_channel)


def place_apart(memory: MemorySection, target: Resident, draft: Resident) -> Placement:
    """Give the target the fewest ranks that hold it, the same on every channel, and the draft the rest.

    The NPU streams the target, so it needs every channel's bus; the draft computes in memory, so it needs ranks.

    Raises
    ------
    AhasdError
        The two do not fit on ranks of their own; the message has the arithmetic.
    """
    row = memory.channels * memory.rank_capacity_bytes
    for_target = ceil(target.bytes / row)
    for_draft = ceil(draft.bytes / row)
    if for_target + for_draft > memory.ranks_per_channel:
        raise AhasdError(
            _does_not_fit([target, draft], memory)
            + f"; each model needs ranks of its own on every channel: {for_target} + {for_draft} ranks per channel, "
            f"there are {memory.ranks_per_channel}"
        )
    return Placement(
        RankSet(memory.channels, 0, for_target),
        RankSet(memory.channels, for_target, memory.ranks_per_channel - for_target),
    )


def _does_not_fit(residents: list[Resident], memory: MemorySection) -> str:
    total = sum(resident.bytes for resident in residents)
    capacity = memory.ranks * memory.rank_capacity_bytes
    return (
        "does not fit: "
        + "; ".join(resident.arithmetic() for resident in residents)
        + f"; together {total / 1e9:.2f} GB; the memory has {memory.ranks} ranks x {memory.rank_capacity_gib:g} GiB "
        f"= {capacity / 1e9:.2f} GB"
    )
