"""Systems of a family other than speculation side by side: run here, one after the other, and not kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean
from typing import Any

from ahasd.errors import AhasdError
from ahasd.family.family import Family
from ahasd.family.result import Result
from ahasd.systems.families import family_of


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A system on a machine with all else that was asked, over its seeds; or why there is no result.

    Attributes
    ----------
    varied
        Name and value of what has several values.
    results
        One for each seed; one alone where the seed changes nothing.
    """

    system: str
    hardware: str
    varied: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    refused: str = ""

    @property
    def name(self) -> str:
        """In a few words."""
        return ", ".join([self.system, *(f"{name}={value}" for name, value in self.varied)])

    @property
    def rate(self) -> float:
        """Work a second, in the mean."""
        return fmean(result.work.done / result.seconds for result in self.results)

    @property
    def joules(self) -> float | None:
        """Joules for a unit of work, in the mean; None where the hardware's energy is not known."""
        each = [
            sum(result.energy_j.values()) / result.work.done for result in self.results if result.energy_j
        ]
        known = all(result.average_power_w is not None for result in self.results)
        return fmean(each) if each and known else None

    def figures(self) -> dict[str, float]:
        """The family's own, in the mean."""
        columns = [result.side_by_side() for result in self.results]
        return {name: fmean(one[name] for one in columns) for name in columns[0]} if columns else {}


def one_family(systems: Sequence[str]) -> Family:
    """The family that all these systems are of.

    Raises
    ------
    AhasdError
        There is no such system, or they are of several families, whose work differs.
    """
    found = {name: family_of(name) for name in systems}
    names = list(dict.fromkeys(family.name for family in found.values()))
    if len(names) > 1:
        which = "; ".join(f"{name} is of {family.name}" for name, family in found.items())
        raise AhasdError(f"systems of several families do different work and are not compared: {which}")
    return found[systems[0]]


def compare_of_family(
    family: Family,
    systems: Sequence[str],
    hardware: Sequence[str] | None,
    options: Mapping[str, Sequence[Any]],
    constants: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
) -> list[ComparedRun]:
    """Run every combination; what cannot run says why.

    Parameters
    ----------
    hardware
        Machines; None for each system's own.
    options, constants
        Fields of the configuration, and keys of ``--set``, each with its values.

    Raises
    ------
    AhasdError
        The family has no such option, or a value is out of range; nothing has run then.
    """
    configurations = []
    names = [*options, *constants]
    machines: Sequence[str | None] = [None] if hardware is None else hardware
    for system, machine in product(systems, machines):
        for values in product(*options.values(), *constants.values()):
            given = dict(zip(names, values, strict=True))
            several = tuple((n, str(v)) for n, v in given.items() if len({**options, **constants}[n]) > 1)
            asked = {name: given[name] for name in options}
            changes = tuple(f"{key}={given[key]}" for key in constants)
            configuration = family.configuration.checked(
                system=system, hardware=machine, set=changes, **asked
            )
            configurations.append((configuration, several))
    return [_run(family, configuration, several, seeds) for configuration, several in configurations]


def _run(
    family: Family, configuration: Any, varied: tuple[tuple[str, str], ...], seeds: Sequence[int]
) -> ComparedRun:
    named = configuration.hardware or family.systems.load(configuration.system).default_hardware
    try:
        runs = [family.start(configuration.model_copy(update={"seed": seeds[0]}))]
        if runs[0].draws:
            runs += [family.start(configuration.model_copy(update={"seed": seed})) for seed in seeds[1:]]
        results = tuple(run.result() for run in runs)
    except AhasdError as error:
        return ComparedRun(configuration.system, str(named), varied, (), str(error))
    return ComparedRun(configuration.system, results[0].hardware, varied, results)
