"""Systems side by side on one machine: each beside a reference system and the target alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import machines
from ahasd.experiments.metrics import PartialMetric, acceptance_length, acceptance_rate, busy, speedup
from ahasd.intervals import Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """A system on a machine, and what it is compared with there.

    Attributes
    ----------
    reference
        The cell of the reference system; None where there is none on this machine.
    """

    cell: Cell
    reference: Cell | None

    def ratio(self, metric: PartialMetric) -> Interval | None:
        """A metric over the reference's, seed by seed; None where one of them cannot run."""
        return self.cell.ratio(self.reference, metric) if self.reference is not None else None

    @property
    def over_alone(self) -> Interval | None:
        """Speed over the target alone on the device that verifies; None for the target alone."""
        return self.cell.interval(speedup)

    @property
    def acceptance_rate(self) -> float | None:
        """Mean over seeds; None where nothing was verified."""
        return self.cell.mean(acceptance_rate)

    @property
    def acceptance_length(self) -> float | None:
        """Tokens per pass of the target, mean over seeds."""
        return self.cell.mean(acceptance_length)

    @property
    def verifier_busy(self) -> float | None:
        """Busy share of the NPU, or else the GPU."""
        return self.cell.mean(busy("npu", "gpu"))

    @property
    def drafter_busy(self) -> float | None:
        """Busy share of the PIM, or else the second GPU."""
        return self.cell.mean(busy("pim", "gpu2"))


def reference_system(cells: Sequence[Cell]) -> str:
    """The system that ratios are taken to: ``npu`` where it is compared, else the first."""
    systems = [cell.system for cell in cells]
    return "npu" if "npu" in systems else systems[0]


def standings(cells: Sequence[Cell], hardware: str) -> list[Standing]:
    """Every system on a machine, beside the reference system there."""
    name = reference_system(cells)
    here = [cell for cell in cells if cell.hardware == hardware]
    reference = next((cell for cell in here if cell.system == name), None)
    return [Standing(cell, reference) for cell in here]


def standings_by_system(cells: Sequence[Cell]) -> dict[str, list[Standing]]:
    """Every system but the reference, on one machine after the other."""
    every = [standing for hardware in machines(cells) for standing in standings(cells, hardware)]
    systems = dict.fromkeys(cell.system for cell in cells if cell.system != reference_system(cells))
    return {system: [standing for standing in every if standing.cell.system == system] for system in systems}
