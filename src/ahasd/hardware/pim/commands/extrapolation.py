"""Total time of a stream whose bodies repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahasd.hardware.pim.commands.channel import Wanted
from ahasd.hardware.pim.commands.outcome import NEVER, Outcome
from ahasd.hardware.pim.commands.player import Player
from ahasd.hardware.pim.commands.snapshot import CONTROL, Snapshot
from ahasd.hardware.pim.commands.stream import Body, Group, Phase, Section

#: Outcomes kept, about 1 KB each (ours).
_MOST_OUTCOMES = 50_000


@dataclass(frozen=True, slots=True)
class Played:
    """Time of a stream.

    Attributes
    ----------
    cycles
        Cycle of its last column command.
    phases
        The same by `Phase`.
    """

    cycles: int
    phases: tuple[int, ...]


class Extrapolator:
    """Plays sections, and plays nothing twice.

    What a body does depends only on the snapshot before it, on the following body and on the refreshes that come due
    meanwhile. So an outcome without a refresh holds whenever that snapshot comes back and no refresh is due
    within its cycles, and a body that leaves the snapshot it found is repeated by multiplication up to the next
    refresh. A body that a refresh meets is played, unless one met it in the same state at the same distance. The
    result is that of playing every command, with refresh too: nothing is averaged.

    Parameters
    ----------
    player
        Plays bodies.
    reuse
        False plays every body: the same result, slowly.
    """

    def __init__(self, player: Player, reuse: bool = True) -> None:
        self._player = player
        self._reuse = reuse
        # By numbers of step and snapshot: hashing those themselves at every step takes most of the time.
        self._quiet: dict[tuple[int, int], tuple[Outcome, int]] = {}
        self._refreshed: dict[tuple[int, int, tuple[int, ...]], tuple[Outcome, int]] = {}
        self._names: dict[Body, int] = {}
        self._leads: dict[object, int] = {}
        self._ways: dict[tuple[int, int], int] = {}
        self._steps: dict[tuple[int, int | None], int] = {}
        self._snapshots: dict[Snapshot, int] = {}
        self._alone: list[bool] = []

    @property
    def kept_outcomes(self) -> int:
        """How many outcomes are kept."""
        return len(self._quiet) + len(self._refreshed)

    def run(self, sections: list[Section], refresh_due: tuple[int, ...]) -> Played:
        """Play sections in order; `refresh_due` holds the first refresh of each set of ranks."""
        if self.kept_outcomes > _MOST_OUTCOMES:
            self._quiet.clear()
            self._refreshed.clear()
            self._snapshots.clear()
            self._alone.clear()
        names = _Names(self._names, self._leads)
        state = self._player.first_state
        number = self._number(state)
        met: list[tuple[Outcome, int]] = []
        for section, after in zip(sections, [*sections[1:], _END], strict=True):
            end = self._step(section.body, after.body, after.row - section.row_of(section.repeats - 1), names)
            again = end
            if section.repeats > 1:
                again = self._step(section.body, section.body, section.row_step, names)
            done = 0
            while done < section.repeats:
                last = done == section.repeats - 1
                outcome, number_after = self._outcome(end if last else again, state, number, refresh_due)
                times = 1
                if self._reuse and not last and not outcome.refreshed and number_after == number:
                    quiet = (min(refresh_due, default=NEVER) - 1) // outcome.cycles
                    times = min(section.repeats - 1 - done, quiet)
                met.append((outcome, times))
                if outcome.refreshed:
                    refresh_due = outcome.refresh_due
                elif refresh_due:
                    refresh_due = tuple([due - times * outcome.cycles for due in refresh_due])
                state, number = outcome.state, number_after
                done += times
        return _total(met)

    def _outcome(
        self, step: "_Step", state: Snapshot, number: int, refresh_due: tuple[int, ...]
    ) -> tuple[Outcome, int]:
        key = (step.alone if len(refresh_due) <= 1 and self._alone[number] else step.number, number)
        if self._reuse:
            known = self._quiet.get(key)
            if known is not None and (not refresh_due or known[0].cycles < min(refresh_due)):
                return known
            known = self._refreshed.get((*key, refresh_due))
            if known is not None:
                return known
        way = step.way
        outcome = self._player.play(way.body, state, refresh_due, way.following, step.row_step, way.wanted)
        found = outcome, self._number(outcome.state)
        if outcome.refreshed:
            self._refreshed[(*key, refresh_due)] = found
        else:
            self._quiet[key] = found
        return found

    def _number(self, state: Snapshot) -> int:
        number = self._snapshots.setdefault(state, len(self._snapshots))
        if number == len(self._alone):
            single = self._player.single
            self._alone.append(single is not None and single.begins_at(state, 1))
        return number

    def _step(self, body: Body, follower: Body, row_step: int, names: "_Names") -> "_Step":
        way = names.ways.get((id(body), id(follower)))
        if way is None:
            way = names.ways[id(body), id(follower)] = self._way(body, follower, names)
        number = self._steps.setdefault((way.number, row_step), len(self._steps))
        if way.left is None:
            return _Step(way, row_step, number, number)
        # Of the row that is left open, only what the follower wants with it still matters.
        kept = row_step if way.left > CONTROL and way.left - row_step in way.wanted[0] else None
        return _Step(way, row_step, number, self._steps.setdefault((way.number, kept), len(self._steps)))

    def _way(self, body: Body, follower: Body, names: "_Names") -> "_Way":
        """From a body to the next, wherever the rows of that lie."""
        following, wanted = names.first(follower)
        key = (names.name(body), names.lead(follower))
        single = self._player.single
        alone = single is not None and 0 in wanted and single.suits(body)
        number = self._ways.setdefault(key, len(self._ways))
        return _Way(body, following, wanted, number, body[-1][0].row if alone else None)


class _Way(NamedTuple):
    """A body and what comes after it.

    Attributes
    ----------
    following, wanted
        First group of the following body, and rows that it wants first.
    number
        Of all that is alike.
    left
        Row of bank 0 that is left open where that bank stands for all; None where it does not.
    """

    body: Body
    following: Group
    wanted: Wanted
    number: int
    left: int | None


class _Step(NamedTuple):
    """A way, with the rows by which the following body lies further on.

    Attributes
    ----------
    number, alone
        Of the step, and of all that do the same where one bank stands for all.
    """

    way: _Way
    row_step: int
    number: int
    alone: int


def _total(met: Sequence[tuple[Outcome, int]]) -> Played:
    """Sum of outcomes, each so many times."""
    times: dict[int, int] = {}
    outcomes: dict[int, Outcome] = {}
    for outcome, count in met:
        key = id(outcome)
        outcomes[key] = outcome
        times[key] = times.get(key, 0) + count
    phases = [0] * len(Phase)
    for key, outcome in outcomes.items():
        count = times[key]
        phases = [total + count * part for total, part in zip(phases, outcome.phases, strict=True)]
    return Played(sum(times[key] * outcome.cycles for key, outcome in outcomes.items()), tuple(phases))


_END = Section(())


class _Names:
    """What is looked up of a body, by identity: the sections of a run keep their bodies alive.

    Attributes
    ----------
    ways
        From one body to the next.
    """

    def __init__(self, names: dict[Body, int], leads: dict[object, int]) -> None:
        self._all_names, self._all_leads = names, leads
        self._names: dict[int, int] = {}
        self._leads: dict[int, int] = {}
        self._first: dict[int, tuple[Group, Wanted]] = {}
        self.ways: dict[tuple[int, int], _Way] = {}

    def name(self, body: Body) -> int:
        """Number of a body; equal bodies of different runs share one."""
        name = self._names.get(id(body))
        if name is None:
            name = self._names[id(body)] = self._all_names.setdefault(body, len(self._all_names))
        return name

    def lead(self, body: Body) -> int:
        """Number of all that the body before sees of this one."""
        lead = self._leads.get(id(body))
        if lead is None:
            following, wanted = self.first(body)
            seen = following, frozenset(wanted.items())
            lead = self._leads[id(body)] = self._all_leads.setdefault(seen, len(self._all_leads))
        return lead

    def first(self, body: Body) -> tuple[Group, Wanted]:
        """First group, and the rows that the first group to use each bank wants."""
        found = self._first.get(id(body))
        if found is None:
            wanted: Wanted = {}
            for group in body:
                for bank in {run.bank for run in group} - wanted.keys():
                    wanted[bank] = frozenset(run.row for run in group if run.bank == bank)
            found = self._first[id(body)] = (body[0] if body else (), wanted)
        return found
