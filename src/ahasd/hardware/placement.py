"""Where the models lie: sets of ranks, checked against their capacity."""

from dataclasses import dataclass
from math import ceil

from ahasd.errors import AhasdError
from ahasd.hardware.sections import MemorySection


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
    """The ranks of the target and, where there is one, of the draft."""

    target: RankSet
    draft: RankSet | None


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


def place_apart(
    memory: MemorySection,
    target: Resident,
    draft: Resident,
    target_ranks: str | None = None,
    draft_ranks: str | None = None,
) -> Placement:
    """Give each model ranks of its own, the same on every channel.

    The NPU streams the target, so it needs every channel's bus; the draft computes in memory, so it needs ranks.

    Parameters
    ----------
    memory
        The module.
    target, draft
        What has to be held.
    target_ranks, draft_ranks
        As :func:`parse_ranks` reads them. If not given, the target gets the fewest ranks that hold it, and the draft
        all others.

    Raises
    ------
    AhasdError
        The two do not fit on ranks of their own, or not on those given, or those overlap; the message has the
        arithmetic.
    """
    row = memory.channels * memory.rank_capacity_bytes
    if target_ranks is not None or draft_ranks is not None:
        return _place_as_given(memory, target, draft, target_ranks, draft_ranks)
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


def parse_ranks(text: str, option: str, memory: MemorySection) -> RankSet:
    """Read ranks: ``0``, ``1-3``, or with the channels in front, ``0-3:1-3``.

    Parameters
    ----------
    text
        What the user wrote.
    option
        Its name, for messages.
    memory
        The module.

    Raises
    ------
    AhasdError
        It is not of that form, names what the module does not have, or leaves a channel out.
    """
    channels, _, ranks = text.rpartition(":")
    first_channel, last_channel = _span(channels, option, text) if channels else (0, memory.channels - 1)
    first, last = _span(ranks, option, text)
    if last >= memory.ranks_per_channel or last_channel >= memory.channels:
        raise AhasdError(
            f"{option}={text}: the memory has channels 0-{memory.channels - 1} with ranks "
            f"0-{memory.ranks_per_channel - 1} each"
        )
    left_out = [c for c in range(memory.channels) if not first_channel <= c <= last_channel]
    if left_out:
        raise AhasdError(
            f"{option}={text} leaves channel {', '.join(map(str, left_out))} without the model: its bus and ranks "
            f"would lie idle while the others work; name all channels (0-{memory.channels - 1}:{ranks}) or none "
            f"({ranks})"
        )
    return RankSet(memory.channels, first, last - first + 1)


def place_target(memory: MemorySection, target: Resident, target_ranks: str) -> RankSet:
    """Put a model that is alone on the ranks given.

    Raises
    ------
    AhasdError
        They cannot hold it, or there are no such ranks.
    """
    ranks = parse_ranks(target_ranks, "target_ranks", memory)
    _require_room(memory, target, ranks, f"target_ranks={target_ranks}")
    return ranks


def _place_as_given(
    memory: MemorySection,
    target: Resident,
    draft: Resident,
    target_ranks: str | None,
    draft_ranks: str | None,
) -> Placement:
    """Place on the ranks given; a model without has those that the other leaves before or after its own."""
    for_target = parse_ranks(target_ranks, "target_ranks", memory) if target_ranks is not None else None
    for_draft = parse_ranks(draft_ranks, "draft_ranks", memory) if draft_ranks is not None else None
    if for_target is None:
        assert for_draft is not None
        for_target = _rest(memory, for_draft, f"draft_ranks={draft_ranks}", "target_ranks")
    if for_draft is None:
        for_draft = _rest(memory, for_target, f"target_ranks={target_ranks}", "draft_ranks")
    if for_target.overlaps(for_draft):
        raise AhasdError(
            f"target_ranks={target_ranks} and draft_ranks={draft_ranks} overlap; give each model ranks of its own, "
            "or choose placement=interleaved, where they take turns"
        )
    _require_room(memory, target, for_target, f"target_ranks={target_ranks or 'the rest'}")
    _require_room(memory, draft, for_draft, f"draft_ranks={draft_ranks or 'the rest'}")
    return Placement(for_target, for_draft)


def _rest(memory: MemorySection, taken: RankSet, given: str, missing: str) -> RankSet:
    after = taken.first + taken.per_channel
    if after < memory.ranks_per_channel and taken.first == 0:
        return RankSet(memory.channels, after, memory.ranks_per_channel - after)
    if after == memory.ranks_per_channel and taken.first > 0:
        return RankSet(memory.channels, 0, taken.first)
    raise AhasdError(
        f"{given} leaves no ranks in one piece for the other model; give {missing} as well (ranks 0-"
        f"{memory.ranks_per_channel - 1})"
    )


def _require_room(memory: MemorySection, resident: Resident, ranks: RankSet, given: str) -> None:
    room = ranks.count * memory.rank_capacity_bytes
    if resident.bytes > room:
        raise AhasdError(
            f"does not fit: {resident.arithmetic()}; {given} has {ranks.count} ranks x "
            f"{memory.rank_capacity_gib:g} GiB = {room / 1e9:.2f} GB"
        )


def _span(text: str, option: str, whole: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()) or int(last or first) < int(first):
        raise AhasdError(f"{option}={whole}: write ranks as 0, 1-3, or with channels 0-3:1-3")
    return int(first), int(last or first)


def _does_not_fit(residents: list[Resident], memory: MemorySection) -> str:
    total = sum(resident.bytes for resident in residents)
    capacity = memory.ranks * memory.rank_capacity_bytes
    return (
        "does not fit: "
        + "; ".join(resident.arithmetic() for resident in residents)
        + f"; together {total / 1e9:.2f} GB; the memory has {memory.ranks} ranks x {memory.rank_capacity_gib:g} GiB "
        f"= {capacity / 1e9:.2f} GB"
    )
