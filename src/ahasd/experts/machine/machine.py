"""A machine with fast memory beside its processor, and slow memory behind a link."""

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.layer_schedule.costs import LayerCosts
from ahasd.experts.mixture import Mixture
from ahasd.invalid_values import explain
from ahasd.yaml_text import read_yaml

_GIGA, _MICRO = 1e9, 1e-6


class Machine(BaseModel):
    """Rates and overheads; each preset names the source of its own.

    Parameters
    ----------
    fast_gb
        That weights may take of fast memory, 10^9 bytes.
    processor_gb_s
        Weights that the processor reads of it, as reached.
    layer_us
        What a layer takes besides its weights: launches, small operators.
    expert_us
        What an expert takes besides: its launches.
    host_gb_s
        Experts that another processor beside slow memory computes with, alone; None where there is none that could.
    host_first_us
        What that takes besides in a layer.
    link
        Bytes read at once, and GB/s at that; between two the rate follows their logarithms.
    copy_us
        What a copy takes besides.
    host_together, link_together
        Speed of each while both are at work, as a share of its speed alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    source: str
    fast_gb: PositiveFloat
    processor_gb_s: PositiveFloat
    layer_us: float = Field(ge=0)
    expert_us: float = Field(ge=0)
    host_gb_s: PositiveFloat | None = None
    host_first_us: float = Field(default=0, ge=0)
    link: dict[PositiveFloat, PositiveFloat]
    copy_us: float = Field(default=0, ge=0)
    host_together: float = Field(default=1, gt=0, le=1)
    link_together: float = Field(default=1, gt=0, le=1)

    def link_rate(self, size: float) -> float:
        """Bytes per second of reads of so many bytes."""
        sizes = sorted(self.link)
        rates = [self.link[one] for one in sizes]
        return float(np.exp(np.interp(np.log(size), np.log(sizes), np.log(rates)))) * _GIGA

    def costs(self, mixture: Mixture) -> LayerCosts:
        """What an expert of a mixture costs."""
        size = mixture.expert_bytes
        return LayerCosts(
            processor=size / (self.processor_gb_s * _GIGA) + self.expert_us * _MICRO,
            host=None if self.host_gb_s is None else size / (self.host_gb_s * _GIGA),
            copy=size / self.link_rate(size) + self.copy_us * _MICRO,
            host_first=self.host_first_us * _MICRO,
            host_together=self.host_together,
            copy_together=self.link_together,
        )

    def dense_seconds(self, mixture: Mixture) -> float:
        """What a layer takes before its router has chosen."""
        return mixture.dense_bytes / mixture.layers / (self.processor_gb_s * _GIGA) + self.layer_us * _MICRO

    def experts_that_fit(self, mixture: Mixture) -> int:
        """Experts in fast memory, over all layers, beside all else.

        Raises
        ------
        AhasdError
            What is no expert does not fit.
        """
        rest = mixture.stored_bytes - mixture.experts_bytes
        left = self.fast_gb * _GIGA - rest
        if left < 0:
            raise AhasdError(
                f"{mixture.name} without its experts takes {rest / _GIGA:.1f} GB, and {self.name} has "
                f"{self.fast_gb:g} GB of fast memory"
            )
        return min(mixture.layers * mixture.experts, int(left / mixture.expert_bytes))


def machine_names() -> list[str]:
    """Names of the machines that come with the package."""
    folder = resources.files(__package__)
    names = (entry.name for entry in folder.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


@cache
def load_machine(name: str) -> Machine:
    """Load a machine of the package.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name.lower() not in machine_names():
        raise UnknownNameError("machine for experts", name, machine_names())
    text = (resources.files(__package__) / f"{name.lower()}.yaml").read_text(encoding="utf-8")
    return parse_machine({"name": name.lower(), **read_yaml(text)})


def parse_machine(document: dict[str, Any]) -> Machine:
    """Check a document.

    Raises
    ------
    AhasdError
        A value is out of range or a key is unknown; the message names it.
    """
    try:
        return Machine.model_validate(document)
    except ValidationError as error:
        raise AhasdError(f"machine: {explain(error, valid=list(Machine.model_fields))}") from error
