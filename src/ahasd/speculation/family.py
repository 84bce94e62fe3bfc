"""Speculative decoding as a family."""

from ahasd.family.family import Family
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import SpeculationRun

FAMILY = Family(
    name="speculation",
    description="a draft model proposes tokens, its target verifies several in a pass",
    systems=SYSTEMS,
    configuration=RunConfiguration,
    result=SpeculationResult,
    start=lambda configuration: SpeculationRun(resolve(configuration)),
)
