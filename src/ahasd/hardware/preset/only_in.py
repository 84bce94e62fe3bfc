"""The mark of a constant that one set of device models alone reads."""

from dataclasses import dataclass

from ahasd.hardware.fidelity import Fidelity


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """Stands in the annotation of a section's field; a test holds the marks against what moves costs."""

    fidelity: Fidelity


FIRST_ORDER_ONLY = OnlyIn(Fidelity.FIRST_ORDER)
DETAILED_ONLY = OnlyIn(Fidelity.DETAILED)
