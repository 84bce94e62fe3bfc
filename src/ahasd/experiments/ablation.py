"""What each part of AHASD is worth: the parts added one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from ahasd.experiments.carry_out import Running
from ahasd.experiments.cell import Cell
from ahasd.experiments.compare import compare
from ahasd.experiments.metrics import PartialMetric
from ahasd.experiments.over_cells import OverCells, over_cells
from ahasd.experiments.selection import Selection
from ahasd.speculation.configuration import RunConfiguration

#: System -> what it adds to the one before it, in the order of the paper's columns (AHASD, arXiv 2604.25326).
STAGES = {
    "npu-pim-async": "async",
    "npu-pim-async+aau": "+AAU",
    "npu-pim-async+aau+edc": "+EDC",
    "ahasd": "+TVC",
}

#: Systems that the stages are compared with.
REFERENCES = ("npu", "gpu")


@dataclass(frozen=True, slots=True)
class Ablation:
    """Cells of the references and the stages, one for each pair and algorithm."""

    cells: Sequence[Cell]

    def of(self, system: str) -> list[Cell]:
        """The cells of a system that could run, by pair and algorithm."""
        return [cell for cell in self.cells if cell.system == system and cell.results]

    def over(self, system: str, metric: PartialMetric) -> OverCells | None:
        """A metric over the cells of a system; None where none has it."""
        return over_cells([cell.values(metric) for cell in self.of(system)])

    def mean(self, system: str, metric: PartialMetric) -> float | None:
        """Mean of a metric over all runs of a system that have it; None where none has."""
        values = [value for cell in self.of(system) for value in cell.values(metric)]
        return fmean(values) if values else None

    def ratio(self, system: str, reference: str, metric: PartialMetric) -> OverCells | None:
        """A metric over that of a reference, seed by seed, over the pairs and algorithms that both can run."""
        bases = {(cell.pair, cell.algorithm): cell for cell in self.of(reference)}
        matched = [cell for cell in self.of(system) if (cell.pair, cell.algorithm) in bases]
        return over_cells([cell.ratios(bases[cell.pair, cell.algorithm], metric) for cell in matched])


def ablate(
    base: RunConfiguration,
    pairs: Sequence[str],
    algorithms: Sequence[str],
    hardware: str,
    seeds: Sequence[int],
    running: Running | None = None,
    *,
    energy_range: bool = False,
) -> Ablation:
    """Run references and stages; the GPU on its own default hardware.

    Parameters
    ----------
    base
        All but pair, algorithm, system, hardware and seed.

    Raises
    ------
    AhasdError
        A name is unknown or the configuration is wrong.
    """
    selection = Selection(pairs, algorithms, [*REFERENCES, *STAGES], [hardware])
    return Ablation(compare(base, selection, seeds, running, energy_range=energy_range))
