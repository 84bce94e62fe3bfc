"""From a configuration to a mixture, its text, a machine and caches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ahasd.errors import AhasdError
from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.cache.sizes import allocate, even, expected_loads
from ahasd.experts.cache.static_hot import StaticHot
from ahasd.experts.configuration import ExpertsConfiguration
from ahasd.experts.decode.needs import Pass, passes
from ahasd.experts.gate.gate import Gate, TopK
from ahasd.experts.gate.known_sensitivities import sensitivities
from ahasd.experts.gate.sensitivity import SensitivityGate
from ahasd.experts.machine.machine import Machine, load_machine, parse_machine
from ahasd.experts.mixture import Mixture, mixture_of
from ahasd.experts.system import SYSTEMS, WHOLE_LAYERS, ExpertsSystem
from ahasd.family.changes import change_system
from ahasd.traces.routing.resolve import resolve_routing
from ahasd.traces.routing.statistics import routing_statistics
from ahasd.traces.routing.trace import RoutingTrace
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.zoo import load_model

#: Bits of a weight where neither file nor option says: 4 bits with a scale of 16 for 32 weights.
USUAL_BITS = 4.5

#: Mixtral 8x7B: its published 46.7 billion parameters, of which a token reads 12.9, in the shapes of its config.json.
_PARAMETERS, _EXPERT, _TABLE = 46_702_792_704, 3 * 4096 * 14336, 32000 * 4096


@dataclass(frozen=True)
class PlacedExperts:
    """All that a run needs."""

    system: ExpertsSystem
    mixture: Mixture
    trace: RoutingTrace
    machine: Machine
    passes: list[Pass]
    slots: list[int]


def place(configuration: ExpertsConfiguration) -> PlacedExperts:
    """Look everything up.

    Raises
    ------
    AhasdError
        A name means nothing known, trace and mixture do not go together, or nothing fits.
    """
    given = configuration.system
    loaded = SYSTEMS.load(given) if isinstance(given, str) else SYSTEMS.parse(given)
    system = change_system(loaded, configuration.set)
    other = [text for text in configuration.set if not text.startswith("system.")]
    if other:
        raise AhasdError(
            f"--set {other[0]}: systems of experts have options of the system alone: system.cache and so on"
        )
    machine = _machine(configuration.hardware or system.default_hardware)
    trace = resolve_routing(configuration.routing)
    mixture = _mixture(configuration)
    if (trace.experts, trace.top) != (mixture.experts, mixture.chosen):
        raise AhasdError(
            f"the routing has {trace.top} of {trace.experts} experts, {mixture.name} {mixture.chosen} of "
            f"{mixture.experts}; give --mixture and --routing that go together"
        )
    if trace.layers != mixture.layers:
        # The text's layers stand for all: bytes of a layer stay as they are.
        share = trace.layers / mixture.layers
        mixture = replace(
            mixture,
            layers=trace.layers,
            dense_bytes=mixture.dense_bytes * share,
            stored_bytes=mixture.stored_bytes * share,
        )
    gate = _gate(system, trace)
    total = slots_in_all(configuration.cached, mixture, machine)
    return PlacedExperts(
        system,
        mixture,
        trace,
        machine,
        passes(trace, gate, configuration.width),
        _slots(system, trace, gate, total),
    )


def slots_in_all(cached: float | None, mixture: Mixture, machine: Machine) -> int:
    """Experts in fast memory, over all layers."""
    if cached is None:
        return machine.experts_that_fit(mixture)
    return round(cached * mixture.layers * mixture.experts)


def build_caches(placed: PlacedExperts) -> list[ExpertCache]:
    """Build the cache of every layer, filled where its rule has it so."""
    found: list[ExpertCache] = []
    for layer, slots in enumerate(placed.slots):
        if placed.system.cache == WHOLE_LAYERS:
            whole = StaticHot(slots)
            whole.preload(range(slots))
            found.append(whole)
            continue
        policy = parse_policy(placed.system.cache)
        requests = [expert for one in placed.passes for expert in one.needs[layer]]
        cache = policy.build(slots, placed.mixture.experts, 1, requests)
        if policy.name == "static-hot":
            heard = placed.trace.chosen[: max(1, round(policy.options["share"] * placed.trace.tokens)), layer]
            uses = np.bincount(heard.ravel(), minlength=placed.mixture.experts)
            cache.preload(np.argsort(-uses, kind="stable")[:slots].tolist())
        else:
            # A program fills its slots as it loads, with whatever comes first.
            cache.preload(range(slots))
        found.append(cache)
    return found


def _machine(hardware: object) -> Machine:
    if isinstance(hardware, dict):
        return parse_machine(hardware)
    assert isinstance(hardware, str), "names or documents"
    return load_machine(hardware)


def _mixture(configuration: ExpertsConfiguration) -> Mixture:
    if configuration.mixture is None:
        each = (configuration.expert_bits or USUAL_BITS) / 8
        dense = _PARAMETERS - 32 * 8 * _EXPERT - _TABLE
        return Mixture("mixtral-8x7b", 32, 8, 2, _EXPERT * each, dense * each, _PARAMETERS * each)
    spec = load_model(configuration.mixture)
    assert isinstance(spec, ModelSpec), "a decoder"
    stored = spec.stored_weights
    bits = configuration.expert_bits or (USUAL_BITS if stored is None else stored.bits_per_weight)
    return mixture_of(spec, bits)


def _gate(system: ExpertsSystem, trace: RoutingTrace) -> Gate:
    if system.gate == "top-k":
        return TopK()
    if trace.scores is None:
        raise AhasdError(
            "the sensitivity gate needs router scores, and this trace has none; --set system.gate=top-k"
        )
    return SensitivityGate(sensitivities(trace.header.model, trace.layers).values, system.threshold)


def _slots(system: ExpertsSystem, trace: RoutingTrace, gate: Gate, total: int) -> list[int]:
    experts, layers = trace.experts, trace.layers
    if system.cache == WHOLE_LAYERS:
        whole = total // experts
        return [experts] * whole + [0] * (layers - whole)
    if system.slots == "even":
        return even(total, layers)
    if trace.top != 2:
        raise AhasdError(
            f"adapmoe's slots are for two experts to a token, not {trace.top}; --set system.slots=even"
        )
    foreseen = _foreseen(trace)
    single = _single(trace, gate)
    costs = [
        [expected_loads(single[layer], foreseen[layer], slots, experts) for slots in range(experts + 1)]
        for layer in range(layers)
    ]
    return allocate(costs, total)


def _foreseen(trace: RoutingTrace) -> Sequence[float]:
    found = routing_statistics(trace).foreseen
    return [0.0] * trace.layers if found is None else np.nan_to_num(found[0]).tolist()


def _single(trace: RoutingTrace, gate: Gate) -> Sequence[float]:
    """Share of tokens that use one expert, by layer."""
    counted = passes(trace, gate, 1)
    alone = [one for one in counted if len(one.tokens) == 1]
    if not alone:
        return [0.0] * trace.layers
    return [sum(len(one.needs[layer]) == 1 for one in alone) / len(alone) for layer in range(trace.layers)]
