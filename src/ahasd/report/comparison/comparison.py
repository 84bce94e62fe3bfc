"""A comparison as an object: run it, read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.experiments.carry_out import Running
from ahasd.experiments.cell import Cell
from ahasd.experiments.compare import compare as compare_selection
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.ranking import Ranking, rankings
from ahasd.experiments.selection import Selection
from ahasd.experiments.store.store import Store
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.report.comparison.ranking import ranking_document, ranking_sentences
from ahasd.report.comparison.summary import comparison_text
from ahasd.speculation.configuration import RunConfiguration

#: A value, or several.
Values = Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared; as text it is what ``ahasd compare`` prints.

    Attributes
    ----------
    cells
        One for each combination, with the results of all seeds, or why it cannot run.
    """

    cells: Sequence[Cell]

    @property
    def rankings(self) -> list[Ranking]:
        """For each target its cells, the fastest first."""
        return rankings(self.cells)

    @property
    def best(self) -> Cell:
        """The fastest cell.

        Raises
        ------
        ValueError
            There are several targets, whose speeds do not compare, or nothing could run.
        """
        (ranking,) = self.rankings
        return ranking.best

    @property
    def sentences(self) -> list[str]:
        """What is best, what takes least energy, and whether a draft pays."""
        return ranking_sentences(self.cells)

    def to_dict(self) -> dict[str, Any]:
        """What ``ahasd compare --json`` prints."""
        return ranking_document(self.cells)

    def __str__(self) -> str:
        return comparison_text(self.cells)

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.cells)} cells: {' '.join(self.sentences)}>"


def compare(
    *,
    system: str | Sequence[str] = (),
    hardware: str | Sequence[str] = (),
    set: Mapping[str, Values] = {},
    seeds: int = 5,
    workers: int = 1,
    store: str | Path | None = None,
    **options: Values,
) -> Comparison:
    """Run every combination of the values given, and rank what comes out.

    Parameters
    ----------
    system, hardware
        Names, one or several; without ``system`` every one, without ``hardware`` module-mac and what has to run
        elsewhere on its own.
    set
        Constants to change, ``{"npu.chips": [2, 4]}``.
    seeds
        Runs of each.
    workers
        Processes; with more than one a script must guard its entry with ``if __name__ == "__main__"``.
    store
        A file in which finished runs are kept, as ``ahasd compare --store``; what is there is not run again. Without
        one they are not kept.
    **options
        Those of :func:`ahasd.simulate` that a configuration file can hold, each with one value or a list of them.

    Raises
    ------
    AhasdError
        A name is unknown or a value out of range; nothing has run then.
    """
    lists = {name: _several(value) for name, value in options.items()}
    first = RunConfiguration.checked(**{name: values[0] for name, values in lists.items()})
    for name, values in lists.items():
        for value in values:
            RunConfiguration.checked(**{name: value})
    selection = Selection(
        pairs=lists.pop("pair", [first.pair]),
        algorithms=lists.pop("algorithm", [first.algorithm]),
        systems=_several(system),
        hardware=_several(hardware) or (DEFAULT_PRESET,),
        everywhere=bool(hardware),
        options=lists,
        constants={key: [str(value) for value in _several(values)] for key, values in set.items()},
    )
    with Store(None if store is None else Path(store)) as kept:
        return Comparison(compare_selection(first, selection, range(seeds), Running(kept, Means(workers))))


def _several(value: Values) -> list[Any]:
    """The values of an option, also where there is one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
