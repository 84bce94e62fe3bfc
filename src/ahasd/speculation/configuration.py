"""The configuration of a run: what a user asks for, and what that resolves to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.family.changes import change_hardware, change_system
from ahasd.family.configuration import Configuration
from ahasd.hardware.preset.preset import HardwarePreset, load_preset, preset_from_document
from ahasd.invalid_values import explain
from ahasd.speculation.drafting.own_algorithm import DraftsBy, OwnAlgorithm
from ahasd.speculation.drafting.prepare import Prepared, prepare
from ahasd.speculation.drafting.specification import AlgorithmSpec, parse_algorithm
from ahasd.speculation.formats import USUAL_WEIGHT_BITS, formats_of
from ahasd.speculation.options.read import SYSTEMS, parse_system
from ahasd.speculation.options.system import AnySystem, AsynchronousSystem, TreeSystem
from ahasd.speculation.own_objects import NOTHING_OWN, OwnObjects
from ahasd.speculation.run_options import SpeculationOptions
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.speculation.trees.simulated.prepare import PreparedTrees, prepare_trees
from ahasd.speculation.trees.simulated.suit import (
    check_batch,
    on_heads,
    on_this_hardware,
    own_trace,
    rollout_for,
    tree_trace_for,
)
from ahasd.traces.resolve import DraftTrace, resolve_draft_trace, resolve_trace, trace_label
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.shipped import shipped_names
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair, has_path, load_pair
from ahasd.workload.precision import Precision

_TREE_DECIDES = (
    "the system's own policy chooses trees (system.tree); none but a chain asks a drafting algorithm"
)

#: Shipped traces that stay loaded, and settled algorithms on them: those of a comparison (ours).
TRACES, SETTLED = 4, 8


class RunConfiguration(SpeculationOptions, Configuration):
    """What a run of speculative decoding takes; ``config.json`` holds it with everything resolved.

    ``models`` holds the specifications of a pair that is not in the zoo.
    """

    models: dict[Literal["draft", "target"], ModelSpec] | None = None

    @property
    def names_model_files(self) -> bool:
        """Whether the pair is one of files, which another machine need not have."""
        return has_path(self.pair)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Build one from a user's values.

        Raises
        ------
        AhasdError
            A value is out of range or a key is unknown; the message names it.
        """
        return super().checked(**values)


@dataclass(frozen=True)
class Resolved:
    """A configuration with its names looked up.

    Attributes
    ----------
    algorithm
        None for decoding without a draft.
    own
        What was given as an object.
    trace
        What is replayed: without the prompts that a calibration or a fitted predictor looked at, and with
        predicted acceptances if the algorithm needs them.
    trees
        Of a system that verifies trees.
    """

    configuration: RunConfiguration
    pair: ModelPair
    preset: HardwarePreset
    system: AnySystem
    algorithm: DraftsBy | None
    trace: DraftTrace
    trace_name: str
    trace_sha256: str
    precision: Precision
    own: OwnObjects = NOTHING_OWN
    trees: PreparedTrees | None = None

    @property
    def rollout(self) -> RolloutTrace:
        """The trace of a run in which a model drafts."""
        assert isinstance(self.trace, RolloutTrace), (
            "a tree trace is of a run with trees, or of one without a draft"
        )
        return self.trace

    @property
    def guesser(self) -> DraftsBy | PreparedTrees | None:
        """What guesses tokens; None for the target alone."""
        return self.trees if self.trees is not None else self.algorithm


def split_own(values: Mapping[str, Any]) -> tuple[OwnObjects, dict[str, Any]]:
    """Take the objects out of a user's values; what is left a configuration can hold.

    Raises
    ------
    AhasdError
        An object is of the wrong kind.
    """
    named = {name: value for name, value in values.items() if name not in ("control", "devices")}
    policy = named.get("algorithm")
    if policy is not None and not isinstance(policy, str):
        named["algorithm"] = type(policy).__name__
    else:
        policy = None
    own = OwnObjects(policy, values.get("control"), values.get("devices") or {})
    return own, named


def resolve(
    configuration: RunConfiguration, own: OwnObjects = NOTHING_OWN, trace: DraftTrace | None = None
) -> Resolved:
    """Look every name up; objects of one's own stand in the place of names.

    Parameters
    ----------
    trace
        That of the configuration, if it has been read already.

    Raises
    ------
    AhasdError
        Something does not exist or does not fit; the message says what.
    """
    formats = formats_of(configuration, _pair(configuration))
    system = _system(configuration.system)
    preset = _hardware(configuration.hardware or system.default_hardware)
    system = change_system(system, configuration.set)
    preset = change_hardware(preset, configuration.set, system, configuration.fidelity)
    system = on_this_hardware(system, preset.hardware, configuration.set)
    trace_name = own_trace(system, configuration.trace)
    trace = _trace(trace_name) if trace is None or trace_name != configuration.trace else trace
    sha256 = trace.sha256
    system = _controlled(system, own)
    check_batch(system, configuration.batch)
    algorithm: DraftsBy | None = None
    trees: PreparedTrees | None = None
    if own.policy is not None:
        if system.schedule == "autoregressive":
            raise AhasdError(f"algorithm {configuration.algorithm}: system '{system.name}' drafts nothing")
        if isinstance(system, TreeSystem) and not system.asks_policy:
            raise AhasdError(f"algorithm {configuration.algorithm}: {_TREE_DECIDES}")
        algorithm = OwnAlgorithm(own.policy)
    elif configuration.algorithm == NO_SPECULATION:
        system = system.without_speculation()
    else:
        # A wrong name is wrong on every system, also on one that does not draft.
        stated = _algorithm(configuration.algorithm)
        if isinstance(system, TreeSystem):
            algorithm = on_heads(stated) if system.asks_policy else None
        elif system.schedule != "autoregressive":
            prepared = _prepared(stated, rollout_for(system, trace, configuration.trace))
            algorithm, trace = prepared.algorithm, prepared.trace
    if isinstance(system, TreeSystem):
        trees = prepare_trees(system, tree_trace_for(system, trace, trace_name))
        trace = trees.trace
    return Resolved(
        configuration,
        formats.pair,
        preset,
        system,
        algorithm,
        trace,
        trace_label(trace_name),
        sha256,
        formats.precision,
        own,
        trees,
    )


def _controlled(system: AnySystem, own: OwnObjects) -> AnySystem:
    """The system with a control of a user's own, if there is one."""
    if own.control is None:
        return system
    name = type(own.control).__name__
    if not isinstance(system, AsynchronousSystem):
        raise AhasdError(
            f"control {name}: system '{system.name}' is {system.schedule}; only asynchronous ones have it"
        )
    try:
        return AsynchronousSystem.model_validate(system.model_dump() | {"control": "own"})
    except ValidationError as error:
        raise AhasdError(f"control {name} on system '{system.name}': {explain(error)}") from error


def freeze(resolved: Resolved) -> RunConfiguration:
    """Return the configuration with hardware, system and foreign models written out, for ``config.json``."""
    configuration = resolved.configuration
    update: dict[str, Any] = {
        "hardware": resolved.preset.to_document(),
        "system": resolved.system.model_dump(exclude={"default_hardware"}),
        "set": (),
    }
    if configuration.weight_bits is None and not any(
        spec.stored_weights for spec in (resolved.pair.draft, resolved.pair.target)
    ):
        update["weight_bits"] = USUAL_WEIGHT_BITS
    if configuration.models is None and configuration.names_model_files:
        update["models"] = {"draft": resolved.pair.draft, "target": resolved.pair.target}
        update["pair"] = resolved.pair.name
    return configuration.model_copy(update=update)


def _pair(configuration: RunConfiguration) -> ModelPair:
    models = configuration.models
    if models is None:
        return load_pair(configuration.pair)
    if set(models) != {"draft", "target"}:
        raise AhasdError("models: needs both 'draft' and 'target'")
    return ModelPair(models["draft"], models["target"])


def _trace(text: str) -> DraftTrace:
    """The trace of a name; files are read anew, as they may have changed."""
    return _shipped(text) if text in shipped_names() else resolve_draft_trace(text)


@lru_cache(maxsize=TRACES)
def _shipped(name: str) -> RolloutTrace:
    return resolve_trace(name)


@lru_cache(maxsize=SETTLED)
def _prepared(stated: AlgorithmSpec, trace: RolloutTrace) -> Prepared:
    """The algorithm settled on a trace, which is known by its identity."""
    return prepare(stated, trace)


def _algorithm(text: str) -> AlgorithmSpec:
    try:
        return parse_algorithm(text)
    except UnknownNameError as error:
        if error.kind != "algorithm":
            raise
        raise UnknownNameError("algorithm", error.name, [*error.valid, NO_SPECULATION]) from error


def _system(system: str | dict[str, Any]) -> AnySystem:
    return SYSTEMS.load(system) if isinstance(system, str) else parse_system(system)


def _hardware(hardware: str | dict[str, Any]) -> HardwarePreset:
    if isinstance(hardware, str):
        return load_preset(hardware)
    return preset_from_document(hardware)
