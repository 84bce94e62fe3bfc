"""What was run for the claims, by configuration; running is the business of whoever fills it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ahasd.claims.measuring.defaults import DEFAULT_SEEDS, DEFAULT_TOKENS
from ahasd.claims.measuring.energy_ranges import Scale, component_scales
from ahasd.claims.measuring.figures import Figures, figures
from ahasd.errors import AhasdError
from ahasd.hardware.preset.preset import HardwarePreset
from ahasd.speculation.results import SpeculationResult

#: A configuration without tokens and seed: fields of RunConfiguration.
Asked = Mapping[str, Any]


def identity(asked: Asked) -> str:
    """A name for a configuration."""
    return repr(sorted(asked.items()))


@dataclass(frozen=True, slots=True)
class Runs:
    """A run per seed, and by which constants the energy of its components scales.

    Attributes
    ----------
    offchip_pj_per_bit
        Of LPDDR5 beside an NPU; None on other machines.
    """

    seeds: tuple[Figures, ...]
    scales: Mapping[str, Scale]
    offchip_pj_per_bit: float | None = None


@dataclass(slots=True)
class KnownRuns:
    """Where claims are measured: runs of ``tokens`` tokens with the seeds 0, 1, … of each configuration."""

    tokens: int = DEFAULT_TOKENS
    seeds: int = DEFAULT_SEEDS
    _known: dict[str, Runs | str] = field(default_factory=dict)

    def knows(self, asked: Asked) -> bool:
        """Whether a configuration has been run, or refused."""
        return identity(asked) in self._known

    def learn(self, asked: Asked, results: Sequence[SpeculationResult], preset: HardwarePreset) -> None:
        """Keep the results of a configuration, one per seed."""
        hardware = preset.hardware
        offchip = hardware.require_energy().offchip_pj_per_bit if hardware.npu is not None else None
        self._known[identity(asked)] = Runs(tuple(map(figures, results)), component_scales(preset), offchip)

    def refuse(self, asked: Asked, reason: str) -> None:
        """Keep why a configuration cannot run."""
        self._known[identity(asked)] = reason

    def runs(self, asked: Asked) -> Runs:
        """Look a configuration up, which must have been run or refused.

        Raises
        ------
        AhasdError
            It cannot run; the message says why.
        """
        found = self._known[identity(asked)]
        if isinstance(found, str):
            raise AhasdError(found)
        return found
