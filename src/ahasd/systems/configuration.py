"""The configuration of a run: what a user asks for, and what that resolves to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ahasd.assignments import assign, leaf_keys, split_assignment
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import HardwarePreset, load_preset, preset_from_document
from ahasd.invalid_values import explain
from ahasd.speculation.drafting.prepare import Prepared, prepare
from ahasd.speculation.drafting.specification import AlgorithmSpec, parse_algorithm
from ahasd.speculation.options import SystemPreset, load_system
from ahasd.traces.resolve import resolve_trace, trace_label
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.shipped import DEFAULT_TRACE, shipped_names
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.pair import ModelPair, load_pair
from ahasd.workload.precision import Precision

#: ``--algorithm`` for decoding without a draft.
NO_SPECULATION = "none"
SYSTEM_PREFIX = "system."
"""What stands before the fields of a system in ``--set``; all others are the hardware's."""

#: Shipped traces that stay loaded, and settled algorithms on them: those of a comparison (ours).
TRACES, SETTLED = 4, 8


class RunConfiguration(BaseModel):
    """What ``ahasd run`` takes; ``config.json`` holds it with everything resolved.

    ``hardware`` and ``system`` are names (or a file, for hardware) or whole documents; without ``hardware`` a system
    runs on its ``default_hardware``. ``models`` holds the specifications of a pair that is not in the zoo.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pair: str = "llama2-7b:llama2-13b"
    models: dict[Literal["draft", "target"], ModelSpec] | None = None
    algorithm: str = "adaedl"
    system: str | dict[str, Any] = "ahasd"
    trace: str = DEFAULT_TRACE
    coins: Literal["redrawn", "recorded"] = "redrawn"
    hardware: str | dict[str, Any] | None = None
    fidelity: Fidelity = Fidelity.DETAILED
    tokens: int = Field(default=1024, ge=1)
    prompt_tokens: int = Field(default=128, ge=1)
    batch: Literal[1] = 1
    seed: int = Field(default=0, ge=0)
    weight_bits: Literal[4, 8, 16] = 8
    kv_bits: Literal[4, 8, 16] = 8
    set: tuple[str, ...] = ()

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Build one from a user's values.

        Raises
        ------
        AhasdError
            A value is out of range or a key is unknown; the message names it.
        """
        if values.get("batch", 1) != 1:
            raise AhasdError(f"batch {values['batch']}: only batch size 1 is modelled so far")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            names = list(cls.model_fields)
            unknown = any(problem["type"] == "extra_forbidden" for problem in error.errors())
            listed = f". Valid keys of a configuration: {', '.join(names)}" if unknown else ""
            raise AhasdError(explain(error, valid=names) + listed) from error


@dataclass(frozen=True)
class Resolved:
    """A configuration with its names looked up.

    Attributes
    ----------
    algorithm
        None for decoding without a draft.
    trace
        What is replayed: without the prompts that a calibration or a fitted predictor looked at, and with
        predicted acceptances if the algorithm needs them.
    """

    configuration: RunConfiguration
    pair: ModelPair
    preset: HardwarePreset
    system: SystemPreset
    algorithm: AlgorithmSpec | None
    trace: RolloutTrace
    trace_name: str
    trace_sha256: str
    precision: Precision


def resolve(configuration: RunConfiguration) -> Resolved:
    """Look every name up.

    Raises
    ------
    AhasdError
        Something does not exist or does not fit; the message says what.
    """
    pair = _pair(configuration)
    system = _system(configuration.system)
    preset = _hardware(configuration.hardware or system.default_hardware)
    system = assign_system(system, configuration.set)
    for text in configuration.set:
        key, _ = split_assignment(text)
        if not key.startswith(SYSTEM_PREFIX):
            try:
                preset = override(preset, [text])
            except UnknownNameError as error:
                of_system = (f"{SYSTEM_PREFIX}{name}" for name in leaf_keys(system.model_dump()))
                raise UnknownNameError("--set key", key, [*error.valid, *of_system]) from error
    trace = _trace(configuration.trace)
    sha256 = trace.sha256
    algorithm: AlgorithmSpec | None = None
    if configuration.algorithm == NO_SPECULATION:
        system = system.without_speculation()
    else:
        # A wrong name is wrong on every system, also on one that does not draft.
        stated = _algorithm(configuration.algorithm)
        if system.schedule != "autoregressive":
            prepared = _prepared(stated, trace)
            algorithm, trace = prepared.algorithm, prepared.trace
    precision = Precision(configuration.weight_bits, configuration.kv_bits)
    return Resolved(
        configuration,
        pair,
        preset,
        system,
        algorithm,
        trace,
        trace_label(configuration.trace),
        sha256,
        precision,
    )


def assign_system(system: SystemPreset, changes: Sequence[str]) -> SystemPreset:
    """Return the system with those of the changes (KEY=VALUE) that are of a system's fields.

    Raises
    ------
    AhasdError
        One does not exist or does not fit.
    """
    for text in changes:
        key, value = split_assignment(text)
        if key.startswith(SYSTEM_PREFIX):
            system = assign(system, key, value, SYSTEM_PREFIX)
    return system


def freeze(resolved: Resolved) -> RunConfiguration:
    """Return the configuration with hardware, system and foreign models written out, for ``config.json``."""
    configuration = resolved.configuration
    update: dict[str, Any] = {
        "hardware": resolved.preset.to_document(),
        "system": resolved.system.model_dump(exclude={"default_hardware"}),
        "set": (),
    }
    if configuration.models is None and _has_path(configuration.pair):
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


def _trace(text: str) -> RolloutTrace:
    """The trace of a name; files are read anew, as they may have changed."""
    return _shipped(text) if text in shipped_names() else resolve_trace(text)


@lru_cache(maxsize=TRACES)
def _shipped(name: str) -> RolloutTrace:
    return resolve_trace(name)


@lru_cache(maxsize=SETTLED)
def _prepared(stated: AlgorithmSpec, trace: RolloutTrace) -> Prepared:
    """The algorithm settled on a trace, which is known by its identity."""
    return prepare(stated, trace)


def _has_path(pair: str) -> bool:
    return any(mark in pair for mark in ("/", "\\", ".json"))


def _algorithm(text: str) -> AlgorithmSpec:
    try:
        return parse_algorithm(text)
    except UnknownNameError as error:
        if error.kind != "algorithm":
            raise
        raise UnknownNameError("algorithm", error.name, [*error.valid, NO_SPECULATION]) from error


def _system(system: str | dict[str, Any]) -> SystemPreset:
    if isinstance(system, str):
        return load_system(system)
    try:
        return SystemPreset.model_validate(system)
    except ValidationError as error:
        raise AhasdError(explain(error, "system.")) from error


def _hardware(hardware: str | dict[str, Any]) -> HardwarePreset:
    if isinstance(hardware, str):
        return load_preset(hardware)
    return preset_from_document(hardware)
