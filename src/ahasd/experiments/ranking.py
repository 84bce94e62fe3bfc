"""Which of the cells of a comparison is best, and whether something that was not compared is better still."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import joules_per_token, over_best_alone, tokens_per_second
from ahasd.family.result import Way
from ahasd.family.verdict import EQUAL


@dataclass(frozen=True, slots=True)
class PlainWay:
    """The target alone on a machine, as the verdict of a run there has it.

    Attributes
    ----------
    beside
        The cell whose verdict it is from: its machine, and whatever is varied.
    compared
        Whether the comparison has a cell of it, or the equal of one.
    """

    way: Way
    beside: Cell
    compared: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Cells that decode the same target, the fastest first.

    Attributes
    ----------
    target
        Name of the model.
    cells
        Those that ran, by their mean speed.
    plain, plain_frugal
        The fastest way to run the target alone on any of their machines, and the one that takes least energy; None
        where none was found.
    """

    target: str
    cells: tuple[Cell, ...]
    plain: PlainWay | None
    plain_frugal: PlainWay | None

    @property
    def machines(self) -> tuple[Cell, ...]:
        """The cells that can be built; where all are bounds, these."""
        return tuple(cell for cell in self.cells if not cell.is_bound) or self.cells

    @property
    def best(self) -> Cell:
        """The fastest cell that can be built."""
        return self.machines[0]

    @property
    def frugal(self) -> Cell | None:
        """The cell that takes least energy for a token and can be built; None where it is not known of all."""
        known = [(found, cell) for cell in self.machines if (found := joules(cell)) is not None]
        return min(known, key=lambda one: one[0])[1] if len(known) == len(self.machines) else None

    @property
    def drafting(self) -> Cell | None:
        """The fastest cell with a draft that can be built."""
        return next((cell for cell in self.machines if cell.drafts), None)

    @property
    def gain(self) -> float | None:
        """Speed of that cell over the target alone where it is fastest on the same machine."""
        return None if self.drafting is None else self.drafting.mean(over_best_alone)

    @property
    def missed(self) -> PlainWay | None:
        """The plain way, where it is faster than every cell and none of them."""
        if self.plain is None or self.plain.compared:
            return None
        faster = self.plain.way.tokens_per_second * (1.0 - EQUAL) > speed(self.best)
        return self.plain if faster else None

    @property
    def missed_frugal(self) -> PlainWay | None:
        """The most frugal plain way, where it takes less energy than every cell and is none of them."""
        found, frugal = self.plain_frugal, self.frugal
        if found is None or found.compared or frugal is None:
            return None
        way, cell = found.way.joules_per_token, joules(frugal)
        return found if way is not None and cell is not None and way < (1.0 - EQUAL) * cell else None

    @property
    def pays(self) -> bool | None:
        """Whether the fastest cell with a draft is as fast as every way without on its machine; None without one."""
        return None if self.gain is None else self.gain >= 1.0 - EQUAL


def rankings(cells: Sequence[Cell]) -> list[Ranking]:
    """Rank cells, those of each target among each other: the speeds of two targets say nothing of each other."""
    ran = [cell for cell in cells if cell.results]
    targets = dict.fromkeys(_target(cell) for cell in ran)
    return [_ranked(target, [cell for cell in ran if _target(cell) == target]) for target in targets]


def speed(cell: Cell) -> float:
    """Mean tokens per second of a cell that ran."""
    mean = cell.mean(tokens_per_second)
    assert mean is not None, "the cell ran"
    return mean


def joules(cell: Cell) -> float | None:
    """Mean joules per token of a cell; None where they are not known."""
    return cell.mean(joules_per_token)


def _target(cell: Cell) -> str:
    return cell.pair.rpartition(":")[2]


def _ranked(target: str, cells: Sequence[Cell]) -> Ranking:
    ordered = tuple(sorted(cells, key=lambda cell: -speed(cell)))
    # Beside a bound the target alone may run on hardware that is idealised too.
    beside = [cell for cell in cells if not cell.is_bound] or cells
    plain = [_plain(way, cell, cells) for cell in beside for way in cell.results[0].verdict.alternatives]
    return Ranking(
        target,
        ordered,
        max(plain, key=lambda one: one.way.tokens_per_second, default=None),
        _most_frugal(plain),
    )


def _most_frugal(plain: Sequence[PlainWay]) -> PlainWay | None:
    """The plain way that takes least energy, of those whose energy is known."""
    known = [(way.way.joules_per_token, way) for way in plain if way.way.joules_per_token is not None]
    return min(known, key=lambda one: one[0])[1] if known else None


def _plain(way: Way, beside: Cell, cells: Sequence[Cell]) -> PlainWay:
    """A way, and whether a cell without a draft on the same machine comes to the same."""
    where = beside.hardware, beside.varied
    without = [cell for cell in cells if not cell.drafts and (cell.hardware, cell.varied) == where]
    return PlainWay(
        way, beside, any(abs(speed(cell) / way.tokens_per_second - 1) < EQUAL for cell in without)
    )
