"""What the study asks: scenarios, architectures under budgets, objective and effort; read from a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any, get_args

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.search.constraint import read_constraints
from ahasd.studies.specpim.costs import HostModel
from ahasd.studies.specpim.evaluator import OBJECTIVES
from ahasd.studies.specpim.genetic import Effort
from ahasd.studies.specpim.machine import Machine, Memory
from ahasd.studies.specpim.scenario import Scenario
from ahasd.studies.specpim.space import Architectures

#: What a file may hold.
SECTIONS = ("scenarios", "architecture", "budgets", "objective", "host", "effort")

#: Figures that can be bounded.
BUDGETS = tuple(Machine().figures)


@dataclass(frozen=True, slots=True)
class Definition:
    """What is asked.

    Attributes
    ----------
    objective
        A name of :data:`~ahasd.studies.specpim.evaluator.OBJECTIVES`.
    """

    scenarios: tuple[Scenario, ...]
    architectures: Architectures = field(default_factory=Architectures)
    objective: str = "speed"
    host: HostModel = "measured"
    effort: Effort = field(default_factory=Effort)


def read_definition(document: Any, where: str) -> Definition:
    """Read a document.

    Raises
    ------
    AhasdError
        A name does not exist, a value is out of range, or there is no scenario.
    """
    groups = _group(document, where, SECTIONS)
    scenarios = _group(groups.get("scenarios"), f"{where}: scenarios", [one.name for one in fields(Scenario)])
    lists = {name: _list(value, f"{where}: {name}") for name, value in scenarios.items()}
    for one in fields(Scenario):
        if not lists.get(one.name):
            raise AhasdError(f"{where}: scenarios needs {one.name}, a list of values")
    names = [one.name for one in fields(Scenario)]
    every = tuple(Scenario(*values) for values in product(*(lists[name] for name in names)))
    architecture = _group(
        groups.get("architecture"), f"{where}: architecture", [one.name for one in fields(Machine)]
    )
    values = {name: _machine_values(name, value, where) for name, value in architecture.items()}
    bounds = _group(groups.get("budgets"), f"{where}: budgets", BUDGETS)
    architectures = Architectures(**values, budgets=read_constraints(bounds, where))
    effort = Effort(**_group(groups.get("effort"), f"{where}: effort", [one.name for one in fields(Effort)]))
    objective, host = groups.get("objective", "speed"), groups.get("host", "measured")
    if objective not in OBJECTIVES:
        raise UnknownNameError(f"objective of {where}", str(objective), OBJECTIVES)
    if host not in get_args(HostModel):
        raise UnknownNameError(f"host of {where}", str(host), get_args(HostModel))
    return Definition(every, architectures, objective, host, effort)


def _group(given: Any, where: str, known: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise AhasdError(f"{where} must be a group of keys and values: {', '.join(known)}")
    for name in given:
        if name not in known:
            raise UnknownNameError(f"key of {where}:", str(name), known)
    return dict(given)


def _list(given: Any, where: str) -> list[Any]:
    values = given if isinstance(given, list) else [given]
    if not values:
        raise AhasdError(f"{where} is an empty list")
    return values


def _machine_values(name: str, given: Any, where: str) -> tuple[Any, ...]:
    values = _list(given, f"{where}: {name}")
    for value in values:
        if name == "memory":
            if value not in get_args(Memory):
                raise UnknownNameError(f"memory of {where}", str(value), get_args(Memory))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise AhasdError(f"{where}: {name} is {value!r}; it must be a number above 0")
        elif name == "stacks" and (value != int(value) or not 1 <= value <= 9):
            raise AhasdError(f"{where}: stacks is {value!r}; of ten, one to nine can compute")
        elif name in ("pim_clock", "host_clock", "host_share") and value > 1:
            raise AhasdError(f"{where}: {name} is {value!r}; the real device's is the most, 1")
        elif name == "units_per_bank" and value > 1 and value != int(value):
            raise AhasdError(f"{where}: units_per_bank is {value!r}; above 1 it must be a whole number")
    return tuple(int(value) if name == "stacks" else value for value in values)
