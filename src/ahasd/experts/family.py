"""Mixtures of experts in two memories as a family."""

from ahasd.experts.configuration import ExpertsConfiguration
from ahasd.experts.result import ExpertsResult
from ahasd.experts.run import ExpertsRun
from ahasd.experts.system import SYSTEMS
from ahasd.family.family import Family

FAMILY = Family(
    name="experts",
    description="a mixture larger than fast memory: which experts stay, which are fetched, who computes the others",
    systems=SYSTEMS,
    configuration=ExpertsConfiguration,
    result=ExpertsResult,
    start=ExpertsRun,
)
