"""Total time of a stream whose bodies repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahasd.hardware.pim.commands.channel import Wanted
from ahasd.hardware.pim.commands.outcome import NEVER, Outcome
from ahasd.hardware.pim.commands.player import Player
from ahasd.hardware.pim.commands.snapshot import Snapshot
from ahasd.hardware.pim.commands.stream import Body, Phase, Section

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
        self._steps: dict[tuple[int, int, int], int] = {}
        self._snapshots: dict[Snapshot, int] = {}

    def run(self, sections: list[Section], refresh_due: tuple[int, ...]) -> Played:
        """Play sections in order; `refresh_due` holds the first refresh of each set of ranks."""
        if len(self._quiet) + len(self._refreshed) > _MOST_OUTCOMES:
            self._quiet.clear()
            self._refreshed.clear()
            self._snapshots.clear()
        names = _Names(self._names)
        state = self._player.first_state
        number = self._number(state)
        met: list[tuple[Outcome, int]] = []
        for section, after in zip(sections, [*sections[1:], _END], strict=True):
            again = _Step(section.body, section.body, section.row_step, 0)
            again = again._replace(number=self._numbered(again, names)) if section.repeats > 1 else again
            end = _Step(section.body, after.body, after.row - section.row_of(section.repeats - 1), 0)
            end = end._replace(number=self._numbered(end, names))
            done = 0
            while done < section.repeats:
                last = done == section.repeats - 1
                outcome, number_after = self._outcome(end if last else again, state, number, refresh_due, names)
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
        self, step: "_Step", state: Snapshot, number: int, refresh_due: tuple[int, ...], names: "_Names"
    ) -> tuple[Outcome, int]:
        key = (step.number, number)
        if self._reuse:
            known = self._quiet.get(key)
            if known is not None and (not refresh_due or known[0].cycles < min(refresh_due)):
                return known
            known = self._refreshed.get((*key, refresh_due))
            if known is not None:
                return known
        following = step.follower[0] if step.follower else ()
        wanted = names.wanted(step.follower)
        outcome = self._player.play(step.body, state, refresh_due, following, step.row_step, wanted)
        found = outcome, self._number(outcome.state)
        if outcome.refreshed:
            self._refreshed[(*key, refresh_due)] = found
        else:
            self._quiet[key] = found
        return found

    def _number(self, state: Snapshot) -> int:
        return self._snapshots.setdefault(state, len(self._snapshots))

    def _numbered(self, step: "_Step", names: "_Names") -> int:
        key = (names.name(step.body), names.name(step.follower), step.row_step)
        return self._steps.setdefault(key, len(self._steps))


class _Step(NamedTuple):
    """A body and what comes after it, which lies so many rows on."""

    body: Body
    follower: Body
    row_step: int
    number: int


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
    """What is looked up of a body, by identity: the sections of a run keep their bodies alive."""

    def __init__(self, names: dict[Body, int]) -> None:
        self._all_names = names
        self._names: dict[int, int] = {}
        self._wanted: dict[int, Wanted] = {}

    def name(self, body: Body) -> int:
        """Number of a body; equal bodies of different runs share one."""
        name = self._names.get(id(body))
        if name is None:
            name = self._names[id(body)] = self._all_names.setdefault(body, len(self._all_names))
        return name

    def wanted(self, body: Body) -> Wanted:
        """Rows that the first group to use each bank wants."""
        wanted = self._wanted.get(id(body))
        if wanted is None:
            wanted = self._wanted[id(body)] = {}
            for group in body:
                for bank in {run.bank for run in group} - wanted.keys():
                    wanted[bank] = frozenset(run.row for run in group if run.bank == bank)
        return wanted
