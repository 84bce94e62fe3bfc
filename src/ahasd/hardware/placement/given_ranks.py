"""Where the models lie by the user's choice."""

from ahasd.errors import AhasdError
from ahasd.hardware.placement.placement import Placement, RankSet, Resident
from ahasd.hardware.preset.sections import MemorySection


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
    channels, colon, ranks = text.rpartition(":")
    first_channel, last_channel = _span(channels, option, text) if colon else (0, memory.channels - 1)
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


def place_alone(memory: MemorySection, model: Resident, given: str, option: str = "target_ranks") -> RankSet:
    """Put a model that is alone on the module on the ranks given; ``option`` is their name, for messages.

    Raises
    ------
    AhasdError
        They cannot hold it, or there are no such ranks.
    """
    ranks = parse_ranks(given, option, memory)
    _require_room(memory, model, ranks, f"{option}={given}")
    return ranks


def place_as_given(
    memory: MemorySection,
    target: Resident,
    draft: Resident,
    target_ranks: str | None = None,
    draft_ranks: str | None = None,
) -> Placement:
    """Put two models on the ranks given, as :func:`parse_ranks` reads them.

    A model for which none are given has those that the other leaves before or after its own.

    Raises
    ------
    AhasdError
        The ranks overlap, cannot hold their model, or leave none for the other; the message has the arithmetic.
    """
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
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not (first.isdecimal() and last.isdecimal()) or int(last) < int(first):
        raise AhasdError(f"{option}={whole}: write ranks as 0, 1-3, or with channels 0-3:1-3")
    return int(first), int(last)
