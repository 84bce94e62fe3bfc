"""Total time of a stream whose bodies repeat."""

from dataclasses import dataclass

from ahasd.hardware.pim.commands.channel import Wanted
from ahasd.hardware.pim.commands.outcome import NEVER, Outcome
from ahasd.hardware.pim.commands.player import Player
from ahasd.hardware.pim.commands.snapshot import Snapshot
from ahasd.hardware.pim.commands.stream import Body, Phase, Section

#: Outcomes kept, about 1 KB each (ours).
_MOST_OUTCOMES = 200_000


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
        # By numbers of body, follower and snapshot: hashing those themselves at every step takes most of the time.
        self._outcomes: dict[tuple[int, int, int, int, tuple[int, ...]], tuple[Outcome, int]] = {}
        self._names: dict[Body, int] = {}
        self._snapshots: dict[Snapshot, int] = {}

    def run(self, sections: list[Section], refresh_due: tuple[int, ...]) -> Played:
        """Play sections in order; `refresh_due` holds the first refresh of each set of ranks."""
        if len(self._outcomes) > _MOST_OUTCOMES:
            self._outcomes.clear()
            self._snapshots.clear()
        steps = _Steps(self._names)
        state = self._player.first_state
        number = self._number(state)
        cycles = 0
        phases = [0] * len(Phase)
        for section, after in zip(sections, [*sections[1:], None], strict=True):
            done = 0
            while done < section.repeats:
                last = done == section.repeats - 1
                follower = (after or _END) if last else section
                row_step = follower.row - section.row_of(done) if last else section.row_step
                outcome, number_after = self._outcome(
                    steps, section.body, follower.body, row_step, (state, number), refresh_due
                )
                times = 1
                if self._reuse and not last and not outcome.refreshed and number_after == number:
                    quiet = (min(refresh_due, default=NEVER) - 1) // outcome.cycles
                    times = min(section.repeats - 1 - done, quiet)
                cycles += times * outcome.cycles
                phases = [total + times * part for total, part in zip(phases, outcome.phases, strict=True)]
                if outcome.refreshed:
                    refresh_due = outcome.refresh_due
                else:
                    refresh_due = tuple([due - times * outcome.cycles for due in refresh_due])
                state, number = outcome.state, number_after
                done += times
        return Played(cycles, tuple(phases))

    def _outcome(
        self,
        steps: "_Steps",
        body: Body,
        follower: Body,
        row_step: int,
        numbered: tuple[Snapshot, int],
        refresh_due: tuple[int, ...],
    ) -> tuple[Outcome, int]:
        state, number = numbered
        key = (steps.name(body), steps.name(follower), row_step, number)
        if self._reuse:
            known = self._outcomes.get((*key, ()))
            if known is not None and known[0].cycles < min(refresh_due, default=NEVER):
                return known
            known = self._outcomes.get((*key, refresh_due))
            if known is not None:
                return known
        following = follower[0] if follower else ()
        outcome = self._player.play(body, state, refresh_due, following, row_step, steps.wanted(follower))
        found = outcome, self._number(outcome.state)
        self._outcomes[(*key, refresh_due if outcome.refreshed else ())] = found
        return found

    def _number(self, state: Snapshot) -> int:
        return self._snapshots.setdefault(state, len(self._snapshots))


_END = Section(())


class _Steps:
    """What is looked up of a body in every step, by identity: the sections of a run keep their bodies alive."""

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
