"""The cells of a full comparison as its tables take them: by reading, by pair, by algorithm."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import machines
from ahasd.speculation.summary import NO_SPECULATION


@dataclass(frozen=True, slots=True)
class Reading:
    """A machine that was asked for, with the cells that ran on it and those that ran on hardware of their own.

    Attributes
    ----------
    hardware
        Empty where no system runs on what was asked for.
    """

    hardware: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class AlgorithmRow:
    """A system on a machine with one pair: a cell for each algorithm, the same for all if it has no draft."""

    system: str
    hardware: str
    cells: tuple[Cell, ...]


def readings(cells: Sequence[Cell]) -> list[Reading]:
    """The machines that ``npu`` was run on, which are those that were asked for."""
    asked = machines([cell for cell in cells if cell.system == "npu"]) or [""]
    own = set(machines(cells)) - set(asked)
    return [
        Reading(hardware, tuple(cell for cell in cells if cell.hardware == hardware or cell.hardware in own))
        for hardware in asked
    ]


def algorithms(cells: Sequence[Cell]) -> list[str]:
    """As they were asked for; none of them only where nothing drafts."""
    asked = dict.fromkeys(cell.algorithm for cell in cells if cell.algorithm != NO_SPECULATION)
    return list(asked) or [NO_SPECULATION]


def by_algorithm(cells: Sequence[Cell]) -> list[AlgorithmRow]:
    """The cells of one pair: a row for each system and machine, in it a cell for each of its :func:`algorithms`."""
    rows = []
    for system, hardware in dict.fromkeys((cell.system, cell.hardware) for cell in cells):
        own = [cell for cell in cells if (cell.system, cell.hardware) == (system, hardware)]
        chosen = (
            next(cell for cell in own if cell.algorithm in (algorithm, NO_SPECULATION))
            for algorithm in algorithms(cells)
        )
        rows.append(AlgorithmRow(system, hardware, tuple(chosen)))
    return rows
