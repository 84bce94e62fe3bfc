"""What a machine that was found is held against: GPUs alone, and two machines that keep both models in memory."""

from dataclasses import dataclass
from functools import cache

from ahasd.errors import AhasdError
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.hardware.preset.hardware import Hardware
from ahasd.studies.specpim.costs import Costs, Figures, HostModel
from ahasd.studies.specpim.dataflow import Gene
from ahasd.studies.specpim.machine import Machine, gpu_only
from ahasd.studies.specpim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Reference:
    """A machine with one way of running.

    Attributes
    ----------
    name
        For tables.
    says
        What it is.
    machine
        Whose memory computes all products; None for GPUs on plain stacks.
    """

    name: str
    says: str
    machine: Machine | None = None

    @property
    def hardware(self) -> Hardware:
        """Its constants."""
        return gpu_only() if self.machine is None else self.machine.hardware


GPU = Reference("GPUs", "two A100 on ten plain stacks of HBM2, draft and target on them")

#: Two accelerators that are memory alone (ours: SpecPIM's own are not public). A GPU is there for the vector work and
#: to drive the memory, with a quarter of its silicon; all products and both caches are in memory, 8 stacks of 10.
PIM_ONLY = (
    Reference(
        "PIM-only, HBM-PIM",
        "eight cubes of HBM-PIM as Samsung builds them, one unit for two banks",
        Machine("hbm", 8, 0.5, 1.0, 0.25, 1.0),
    ),
    Reference(
        "PIM-only, GDDR6-PIM",
        "GDDR6-AiM as SK hynix builds it, one unit a bank, six chips in the place of each of eight stacks",
        Machine("gddr6", 8, 1.0, 1.0, 0.25, 1.0),
    ),
)

REFERENCES = (GPU, *PIM_ONLY)


@cache
def reference_figures(
    reference: Reference, scenario: Scenario, host: HostModel = "measured", drafts: bool = True
) -> Figures:
    """Figures of a reference.

    Raises
    ------
    AhasdError
        The models do not fit.
    """
    costs = Costs(reference.hardware, scenario, host, drafts)
    side = Side.HOST if reference.machine is None else Side.PIM
    found = costs.figures([Gene(side)] * len(costs.work.units))
    if not found.fits:
        raise AhasdError(
            f"{reference.name} lacks {found.excess_bytes / 1e9:.1f} GB for {scenario.text}: take smaller models, a "
            "shorter context or a smaller batch"
        )
    return found
