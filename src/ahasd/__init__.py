"""What will make a model faster or cheaper on this device, by how much, and whether it is true."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast

from ahasd.errors import AhasdError

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ahasd.family.result import Result
    from ahasd.hardware.cost import Bound, OperatorCost, StepCost
    from ahasd.hardware.device import Device
    from ahasd.hardware.energy import energy_vector
    from ahasd.hardware.preset.preset import load_preset as load_hardware
    from ahasd.report.comparison.comparison import Comparison, compare
    from ahasd.report.names import list_algorithms, list_hardware, list_models, list_systems, list_traces
    from ahasd.speculation.control.pilot import PassChoice, Pilot, StepChoice
    from ahasd.speculation.drafting.policy import DraftingPolicy
    from ahasd.speculation.results import SpeculationResult
    from ahasd.traces.rollout.walk import DraftChain, DraftSignals
    from ahasd.workload.model_spec import ModelSpec
    from ahasd.workload.operators import Operator

__all__ = [
    "AhasdError",
    "Bound",
    "Comparison",
    "Device",
    "DraftChain",
    "DraftSignals",
    "DraftingPolicy",
    "Operator",
    "OperatorCost",
    "PassChoice",
    "Pilot",
    "Result",
    "StepChoice",
    "StepCost",
    "__version__",
    "compare",
    "energy_vector",
    "list_algorithms",
    "list_hardware",
    "list_models",
    "list_systems",
    "list_traces",
    "load_hardware",
    "simulate",
]

#: Where the public names are, so that `import ahasd` and `ahasd --help` stay light.
_PUBLIC = {
    "Bound": "ahasd.hardware.cost",
    "Comparison": "ahasd.report.comparison.comparison",
    "Device": "ahasd.hardware.device",
    "DraftChain": "ahasd.traces.rollout.walk",
    "DraftSignals": "ahasd.traces.rollout.walk",
    "DraftingPolicy": "ahasd.speculation.drafting.policy",
    "Operator": "ahasd.workload.operators",
    "OperatorCost": "ahasd.hardware.cost",
    "PassChoice": "ahasd.speculation.control.pilot",
    "Pilot": "ahasd.speculation.control.pilot",
    "Result": "ahasd.family.result",
    "StepChoice": "ahasd.speculation.control.pilot",
    "StepCost": "ahasd.hardware.cost",
    "compare": "ahasd.report.comparison.comparison",
    "energy_vector": "ahasd.hardware.energy",
    "list_algorithms": "ahasd.report.names",
    "list_hardware": "ahasd.report.names",
    "list_models": "ahasd.report.names",
    "list_systems": "ahasd.report.names",
    "list_traces": "ahasd.report.names",
    "load_hardware": "ahasd.hardware.preset.preset:load_preset",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'ahasd' has no attribute {name!r}")
    module, _, other = _PUBLIC[name].partition(":")
    value = getattr(import_module(module), other or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def simulate(
    *,
    pair: str = "llama2-7b:llama2-13b",
    models: "dict[Literal['draft', 'target'], ModelSpec] | None" = None,
    algorithm: "str | DraftingPolicy" = "adaedl",
    system: str | dict[str, Any] = "ahasd",
    trace: str = "smollm2-135m-4bit-chat-sampled",
    coins: Literal["redrawn", "recorded"] = "redrawn",
    hardware: str | dict[str, Any] | None = None,
    fidelity: Literal["first-order", "detailed"] = "detailed",
    tokens: int = 1024,
    prompt_tokens: int = 128,
    batch: Literal[1] = 1,
    seed: int = 0,
    weight_bits: Literal[4, 8, 16] | None = None,
    weight_format: str | None = None,
    kv_bits: Literal[4, 8, 16] = 8,
    kv_format: "Literal['f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl'] | None" = None,
    activation_bits: Literal[4, 8, 16] = 8,
    set: Sequence[str] | Mapping[str, Any] = (),
    control: "Pilot | None" = None,
    devices: "Mapping[str, Device] | None" = None,
) -> "SpeculationResult":
    """Simulate one run of speculative decoding; other families: :func:`ahasd.systems.simulate.simulate`.

    Parameters
    ----------
    pair
        DRAFT:TARGET, names of models or paths of ``config.json`` files.
    models
        Draft and target themselves, instead of `pair`.
    algorithm
        A name with its numbers, as for ``ahasd run``, or a policy of your own; every run gets a copy of it.
    trace, coins, fidelity, tokens, prompt_tokens, batch, seed
        As the options of ``ahasd run``, whose help says what each is.
    weight_bits, weight_format, kv_bits, kv_format, activation_bits
        As the options of ``ahasd run``, whose help says what each is.
    system, hardware
        A name (of hardware also a file), or a whole document.
    set
        Constants to change: ``{"npu.chips": 4}``, or each as ``"KEY=VALUE"``.
    control
        Control of your own, token by token, of an asynchronous system without EDC and TVC.
    devices
        Cost models of your own, by the name of the device whose place they take, such as ``{"npu": MyNpu()}``; what
        fits into which memory the hardware still says.

    Raises
    ------
    AhasdError
        The input is wrong; the message names the cause.
    """
    options = locals()  # all of the above, and nothing else yet
    if not isinstance(algorithm, str) or control is not None or devices:
        from ahasd.speculation.run import simulate as run_own

        return run_own(**options)
    del options["control"], options["devices"]
    from ahasd.systems.simulate import simulate as run

    return cast("SpeculationResult", run(**options))  # the options are those of its family
