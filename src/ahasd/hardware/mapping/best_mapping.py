"""The best static mapping of operators to a host or to the memory, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ahasd.errors import AhasdError


class Side(StrEnum):
    """Where an operator runs."""

    HOST = "host"
    PIM = "pim"


@dataclass(frozen=True, slots=True)
class Unit:
    """Operators that go to one side together.

    Attributes
    ----------
    name
        For messages.
    host_seconds, pim_seconds
        What they take there; infinite where they cannot run.
    bytes
        What they keep in the memory of their side.
    """

    name: str
    host_seconds: float
    pim_seconds: float
    bytes: int = 0

    def seconds(self, side: Side) -> float:
        """What it takes on a side."""
        return self.host_seconds if side is Side.HOST else self.pim_seconds


@dataclass(frozen=True, slots=True)
class Crossing:
    """A value that costs ``seconds`` if its producer is on ``source`` and any of its consumers on the other side.

    Producer and consumers are indices of units.
    """

    producer: int
    consumers: tuple[int, ...]
    source: Side
    seconds: float


#: (sides of live units, bytes in memory) -> (seconds, sides of all units so far)
_States = dict[tuple[tuple[tuple[int, Side], ...], int], tuple[float, tuple[Side, ...]]]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping and the time that it takes."""

    sides: tuple[Side, ...]
    seconds: float


def best_mapping(
    units: Sequence[Unit],
    crossings: Sequence[Crossing] = (),
    host_capacity: int | None = None,
    pim_capacity: int | None = None,
) -> Mapped:
    """Find the mapping of least time: the minimum by unit is not it, since crossings and capacities join units.

    A dynamic programme over the units in order. Its state is the sides of the units that a later crossing still
    asks for, and the bytes in memory so far; what led there does not matter beyond its time.

    Raises
    ------
    AhasdError
        No mapping fits both capacities.
    """
    room = {Side.HOST: host_capacity, Side.PIM: pim_capacity}
    for limits in ({}, room):  # where the best mapping fits anyway, bytes need not be counted
        found = _search(units, crossings, limits)
        if found is not None and _fits(units, found.sides, room):
            return found
    total = sum(unit.bytes for unit in units)
    raise AhasdError(
        f"no mapping of operators fits: {total / 1e9:.2f} GB of weights and caches, of which the host's memory "
        f"holds {_gigabytes(host_capacity)} and the computing memory {_gigabytes(pim_capacity)}"
    )


def _search(
    units: Sequence[Unit], crossings: Sequence[Crossing], room: Mapping[Side, int | None]
) -> Mapped | None:
    """Run the dynamic programme; sides without a limit hold any amount."""
    limited = {side: limit for side, limit in room.items() if limit is not None}
    last = [max(crossing.producer, *crossing.consumers) for crossing in crossings]
    states: _States = {((), 0): (0.0, ())}
    placed = 0
    for index, unit in enumerate(units):
        due = [crossing for crossing, end in zip(crossings, last, strict=True) if end == index]
        live = {
            member
            for crossing, end in zip(crossings, last, strict=True)
            if end > index
            for member in (crossing.producer, *crossing.consumers)
        }
        placed += unit.bytes
        possible = [side for side in Side if unit.seconds(side) < float("inf")]
        following: _States = {}
        for (known, in_memory), (seconds, sides) in states.items():
            for side in possible:
                held = in_memory + (unit.bytes if limited and side is Side.PIM else 0)
                if held > limited.get(Side.PIM, held) or placed - held > limited.get(
                    Side.HOST, placed - held
                ):
                    continue
                places = dict(known) | {index: side}
                cost = seconds + unit.seconds(side)
                cost += sum(crossing.seconds for crossing in due if _crosses(crossing, places))
                key = (tuple(item for item in places.items() if item[0] in live), held)
                if key not in following or cost < following[key][0]:
                    following[key] = (cost, (*sides, side))
        states = following
    if not states:
        return None
    seconds, sides = min(states.values())
    return Mapped(sides, seconds)


def _fits(units: Sequence[Unit], sides: Sequence[Side], room: Mapping[Side, int | None]) -> bool:
    held = {side: sum(u.bytes for u, s in zip(units, sides, strict=True) if s is side) for side in Side}
    return all(limit is None or held[side] <= limit for side, limit in room.items())


def _crosses(crossing: Crossing, places: dict[int, Side]) -> bool:
    source = places[crossing.producer]
    return source is crossing.source and any(places[c] is not source for c in crossing.consumers)


def _gigabytes(capacity: int | None) -> str:
    return "any amount" if capacity is None else f"{capacity / 1e9:.2f} GB"
