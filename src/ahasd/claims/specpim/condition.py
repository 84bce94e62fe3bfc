"""What is public of SpecPIM leaves open what its search minimises, how its GPUs are costed, and who is compared."""

from dataclasses import dataclass

from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import Change, same, saying
from ahasd.studies.specpim.costs import HostModel


@dataclass(frozen=True, slots=True)
class SpecpimCondition(Condition):
    """What is varied of SpecPIM's evaluation; the defaults are ours.

    Attributes
    ----------
    objective
        What the search minimises.
    host
        How the GPUs are costed.
    batch
        Texts that are decoded together.
    memory
        Of the PIM-only reference; GPUs have none.
    drafts
        Whether the reference speculates, too.
    """

    objective: str = "speed"
    host: HostModel = "measured"
    batch: int = 1
    memory: str = "hbm"
    drafts: bool = True


OBJECTIVE_AXIS: tuple[Change[SpecpimCondition], ...] = (
    same,
    saying("searched for energy", SpecpimCondition, objective="energy"),
    saying("searched for seconds times joules", SpecpimCondition, objective="product"),
)

SETTING_AXIS: tuple[Change[SpecpimCondition], ...] = (
    same,
    saying("GPUs as a roofline of 70 %", SpecpimCondition, host="roofline"),
    saying("four texts at once", SpecpimCondition, batch=4),
)

#: Of the machines that are memory alone; SpecPIM's are not named.
MEMORY_AXIS: tuple[Change[SpecpimCondition], ...] = (
    same,
    saying("against GDDR6-PIM alone", SpecpimCondition, memory="gddr6"),
)

DRAFTS_AXIS: tuple[Change[SpecpimCondition], ...] = (
    same,
    saying("the reference without a draft", SpecpimCondition, drafts=False),
)
