"""What a run of a mixture whose experts lie in two memories is asked for."""

from ahasd.experts.run_options import ExpertsOptions
from ahasd.family.configuration import Configuration


class ExpertsConfiguration(ExpertsOptions, Configuration):
    """A system, a mixture, its routing and a machine."""
