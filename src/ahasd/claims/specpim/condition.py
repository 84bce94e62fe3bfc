"""What is public of SpecPIM leaves open which memory computes, and in which width."""

from dataclasses import dataclass
from typing import Any

from ahasd.claims.condition import RunCondition
from ahasd.claims.condition_axes import Change, same, saying
from ahasd.claims.measuring.roles import Role, asked


@dataclass(frozen=True, slots=True)
class SpecpimCondition(RunCondition):
    """What is varied of SpecPIM's evaluation; the defaults are those of the runs.

    Attributes
    ----------
    memory
        Hardware preset of the rebuilt machine.
    bits
        Of weights and cache.
    """

    memory: str = "specpim-hbm"
    bits: int = 16


#: Which of the two rebuilt memories it has.
MODULE_AXIS: tuple[Change[SpecpimCondition], ...] = (
    same,
    saying("SpecPIM with GDDR6-PIM", SpecpimCondition, memory="specpim-gddr6"),
)

BITS_AXIS: tuple[Change[SpecpimCondition], ...] = (same, saying("in INT8", SpecpimCondition, bits=8))


def on_specpim_machine(system: str) -> Role[SpecpimCondition]:
    """A system on SpecPIM's rebuilt machine: itself, or its GPUs alone, which hold nothing in what computes."""

    def role(condition: SpecpimCondition, pair: str, algorithm: str) -> dict[str, Any]:
        return asked(condition, pair, algorithm, system, condition.memory, (), condition.bits)

    return role
