"""What each part of AHASD is worth: the parts added one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell
from ahasd.experiments.full_comparison import Selection, full_grid
from ahasd.experiments.grid import run_grid
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
        """The cells of a system, by pair and algorithm."""
        return [cell for cell in self.cells if cell.system == system]


def ablate(
    base: RunConfiguration,
    pairs: Sequence[str],
    algorithms: Sequence[str],
    hardware: str,
    seeds: Sequence[int],
    *,
    workers: int = 1,
    energy_range: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
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
    configurations = full_grid(base, selection)
    cells = run_grid(configurations, seeds, workers=workers, energy_range=energy_range, progress=progress)
    return Ablation(cells)
