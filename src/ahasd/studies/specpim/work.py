"""The operators of a round as what a mapping decides on: units, what they keep, and which can run at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahasd.studies.specpim.scenario import BITS, Scenario
from ahasd.workload.batched_pass import OperatorList, batched_pass
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.pair import load_pair
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision

PRECISION = Precision(BITS, BITS, BITS)


@dataclass(frozen=True, slots=True)
class Unit:
    """Operators that go to one kind of channel together: a product with weights of all layers, or what is on a cache.

    Attributes
    ----------
    model
        ``draft`` or ``target``.
    part
        ``projections``, ``cache``, ``feed-forward`` or ``head``.
    times
        Passes of the model in a round.
    bytes
        That it keeps.
    prompt_bytes
        Of these what the host makes out of the prompt.
    may_join
        Whether it takes nothing from the unit before it, and follows it at once, so that both can run together.
    """

    model: str
    part: str
    name: str
    operators: tuple[Operator, ...]
    times: int
    bytes: int
    prompt_bytes: int
    may_join: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A round of a scenario.

    Attributes
    ----------
    fixed
        Operators that the host runs whatever the mapping, with how often.
    fixed_bytes
        Weights that lie with the host: tables and gains.
    """

    units: tuple[Unit, ...]
    fixed: tuple[tuple[Operator, int], ...]
    fixed_bytes: int


@lru_cache(maxsize=64)
def work_of(scenario: Scenario, drafts: bool = True) -> Work:
    """Units of a round: so many draft steps and a verification, or without a draft a step of the target.

    Raises
    ------
    AhasdError
        There is no such pair.
    """
    pair = load_pair(scenario.pair)
    passes = [("draft", pair.draft, 1, scenario.draft_length)] if drafts else []
    passes.append(("target", pair.target, scenario.draft_length + 1 if drafts else 1, 1))
    units: list[Unit] = []
    fixed: list[tuple[Operator, int]] = []
    rest = 0
    for name, spec, width, times in passes:
        graph = _graph(spec, scenario, width)
        own = _units(name, spec, scenario, graph, times)
        taken = {operator.name for unit in own for operator in unit.operators}
        fixed += [(operator, times) for operator in graph.operators if operator.name not in taken]
        matrices = sum(unit.bytes for unit in own if unit.part != "cache")
        rest += max(0, weight_bytes(spec, PRECISION) - matrices)
        units += own
    return Work(tuple(units), tuple(fixed), rest)


def _graph(spec: ModelSpec, scenario: Scenario, width: int) -> OperatorGraph:
    if scenario.batch == 1:
        return forward_pass(spec, width, scenario.context, PRECISION)
    found = batched_pass(spec, scenario.batch, width, scenario.context, PRECISION)
    # What flows to where is that of one text.
    return OperatorList(found.operators, forward_pass(spec, width, scenario.context, PRECISION).flows)


def _units(model: str, spec: ModelSpec, scenario: Scenario, graph: OperatorGraph, times: int) -> list[Unit]:
    operators = graph.operators
    feeds = {(flow.producer, name) for flow in graph.flows for name in flow.consumers}
    on_cache = tuple(o for o in operators if o.on_cache)
    cache_bytes, prompt = (
        scenario.batch * kv_cache_bytes(spec, entries, PRECISION)
        for entries in (scenario.entries, scenario.context)
    )
    found: list[Unit] = []
    stratum: list[Operator] = []  # products that follow each other at once
    for operator in operators:
        if on_cache and operator is on_cache[0]:
            found.append(Unit(model, "cache", "cache", on_cache, times, cache_bytes, prompt, False))
        if operator.kind is not OperatorKind.MATMUL:
            stratum = []
            continue
        joins = bool(stratum) and not any((one.name, operator.name) in feeds for one in stratum)
        stratum = [*stratum, operator] if joins else [operator]
        part = _part(operator, found)
        found.append(Unit(model, part, operator.name, (operator,), times, operator.weight_bytes, 0, joins))
    return found


def _part(operator: Operator, before: Sequence[Unit]) -> str:
    """Projections stand around the cache; the output's is the first product behind it."""
    if not operator.within_layer:
        return "head"
    parts = [unit.part for unit in before]
    return "projections" if "cache" not in parts or parts[-1] == "cache" else "feed-forward"
