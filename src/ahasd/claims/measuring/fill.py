"""Running what claims need."""

from collections.abc import Iterable
from typing import Any

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns, identity
from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running
from ahasd.experiments.grid import run_grid
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import HardwarePreset, load_preset
from ahasd.speculation.configuration import RunConfiguration


def fill(
    known_runs: KnownRuns,
    wanted: Iterable[tuple[Claim[Any], Condition]],
    running: Running | None = None,
) -> None:
    """Run what measuring claims under conditions takes and is not known yet.

    Parameters
    ----------
    running
        Where runs are kept and who computes them; by default this process, and nowhere.

    Raises
    ------
    AhasdError
        A run has failed, which says nothing of a claim.
    """
    missing: dict[str, Asked] = {}
    for claim, condition in wanted:
        for asked in claim.measurement.configurations(condition) if claim.measurement is not None else ():
            if not known_runs.knows(asked):
                missing[identity(asked)] = asked
    configurations = [
        RunConfiguration.checked(**asked, tokens=known_runs.tokens) for asked in missing.values()
    ]
    cells = run_grid(configurations, range(known_runs.seeds), running)
    for asked, configuration, cell in zip(missing.values(), configurations, cells, strict=True):
        if cell.failed:
            raise AhasdError(
                f"a run of {cell.system} on {cell.hardware} with {cell.pair} {cell.refused}; the same command "
                "tries again"
            )
        if cell.refused is not None:
            known_runs.refuse(asked, cell.refused)
        else:
            known_runs.learn(asked, cell.results, _preset(configuration))


def _preset(configuration: RunConfiguration) -> HardwarePreset:
    """The hardware of a configuration, its trace left alone."""
    assert isinstance(configuration.hardware, str), "claims name the hardware that they run on"
    constants = [text for text in configuration.set if not text.startswith("system.")]
    return override(load_preset(configuration.hardware), constants)
