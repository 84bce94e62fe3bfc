"""Which constants move costs in which set of models: what moves them is held against what the presets declare."""

from functools import cache

import pytest

from ahasd import simulate
from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.hardware import SECTIONS, Hardware
from ahasd.hardware.preset.preset import load_preset
from ahasd.hardware.preset.read_by import one_reader, refuse_unread
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

#: Machines that between them are bound by everything that a constant can bound.
MACHINES: list[tuple[str, dict[str, str]]] = [
    ("module-mac", {}),
    (
        "rank-both",
        {
            "pim.gb_per_second": "1000",
            "pim.power_cap_w": "30",
            "npu.scratchpad_mb": "1",
            "memory.timing": "lpddr5-6400-8gb",
        },
    ),
    (
        "rank-both",
        {
            "pim.power_cap_w": "0.5",
            "pim.activation_window": "true",
            "npu.chips": "1",
            "npu.scratchpad_mb": "2.2",
        },
    ),
    ("rtx-4090-laptop", {}),
    ("rtx-4090-laptop", {"gpu.graphs": "false"}),
]
#: Values that are not a double or a half of what a preset has.
OTHERS = {
    "npu.tiling": ["onnxim"],
    "memory.timing": ["lpddr5x-8533"],
    "memory.bus_efficiency": ["0.5"],
    "pim.bandwidth_efficiency": ["0.5"],
    "pim.drive": ["per_rank"],
    "pim.value_layout": ["by_token"],
    "pim.weight_reuse": ["2"],
    "pim.bank_groups": ["1"],
    "pim.rate_at_16_bit": ["0.9"],
    "npu.rate_at_16_bit": ["0.9"],
    "gpu.bandwidth_efficiency": ["0.5"],
    "gpu.gemm_efficiency": ["0.5"],
    "npu.bandwidth_efficiency": ["0.5"],
    "npu.compute_efficiency": ["0.5"],
    "pim.array_efficiency": ["0.5"],
    "pim.compute_efficiency": ["0.5"],
    "gpu.backend": ["mlx"],
}
#: Constants that no device's costs are made of, but what a run makes of them: where models lie, what the control loop
#: takes, and what is drawn at rest.
NOT_A_DEVICES = {
    "memory.rank_capacity_gib",
    "pim.gate_switch_cycles",
    "energy.npu_static_mw",
    "energy.rank_power_down_mw",
    "energy.rank_refresh_mw",
    "gpu.memory_gib",
    "gpu.reserved_gib",
    "gpu.offload",
    *(f"cpu.{name}" for name in SECTIONS["cpu"].model_fields),
}
#: Read by both sets of models, but by the first-order ones only where two sides share a channel, or at rest.
SHARED_OR_AT_REST = {"memory.timing", "memory.refresh_rate"}
KEYS = [
    f"{section}.{name}"
    for section, fields in SECTIONS.items()
    if section != "gpu2"  # as gpu
    for name in fields.model_fields
]


def machine(index: int, **changes: str) -> Hardware:
    preset, constants = MACHINES[index]
    hardware = load_preset(preset).hardware
    for key, value in {**constants, **changes}.items():
        hardware = assign(hardware, key, value)
    return hardware


def devices(hardware: Hardware, precision: Precision, fidelity: Fidelity) -> list[Device]:
    if hardware.memory is None:
        # Some layers of the model lie in the CPU's memory.
        return [build_gpu(hardware, "gpu", precision, share) for share in (0.0, 0.25)]
    memory = hardware.memory
    ranks = RankSet(memory.channels, 0, memory.ranks_per_channel)
    pims = [build_pim(hardware, ranks, aau, precision, fidelity) for aau in (True, False)]
    return [build_npu(hardware, memory.channels, precision, fidelity), *pims]


def figures(hardware: Hardware, fidelity: Fidelity) -> list[StepCost]:
    """What passes of a small model with odd shapes cost: decoding, verifying, and a prompt on the NPU."""
    spec, found = load_model("qwen2.5-0.5b"), []
    for precision in (Precision(), Precision(16, 16, 16)):
        for width, context in ((1, 300), (4, 300), (2000, 0)):
            graph = forward_pass(spec, width, context, precision)
            at_work = devices(hardware, precision, fidelity)
            found += [device.cost(graph) for device in (at_work if width < 5 else at_work[:1])]
    return found


@cache
def usual(index: int, fidelity: Fidelity) -> list[StepCost]:
    return figures(machine(index), fidelity)


def changed_values(value: object, key: str) -> list[str]:
    if key in OTHERS:
        return OTHERS[key]
    if isinstance(value, bool):
        return [str(not value).lower()]
    assert isinstance(value, int | float), key
    if isinstance(value, int):
        return [str(2 * value), *([str(value // 2)] if value > 1 else [])]
    return [str(value / 2), str(2 * value)]


def moves(key: str, fidelity: Fidelity) -> bool:
    """Whether a constant moves a figure of some device on some machine."""
    section, name = key.split(".")
    for index in range(len(MACHINES)):
        found = getattr(machine(index), section)
        if found is None:
            continue
        for value in changed_values(getattr(found, name), key):
            try:
                hardware = machine(index, **{key: value})
            except AhasdError:
                continue  # twice a share of more than a half
            if figures(hardware, fidelity) != usual(index, fidelity):
                return True
    return False


@pytest.mark.parametrize("key", KEYS)
def test_what_moves_no_cost_is_declared(key: str) -> None:
    """A constant that only one set of models reads says so, and no other does."""
    if key in NOT_A_DEVICES:
        assert one_reader(key) is None
        assert not any(moves(key, fidelity) for fidelity in Fidelity)
        return
    moving = {fidelity for fidelity in Fidelity if moves(key, fidelity)}
    if key in SHARED_OR_AT_REST:
        assert moving == {Fidelity.DETAILED}
        moving = set(Fidelity)
    reader = one_reader(key)
    assert moving == (set(Fidelity) if reader is None else {reader.fidelity})


def outcome(system: str, fidelity: str, *changes: str) -> object:
    """Everything that a short run finds, but for what it repeats of the request."""
    pair = "qwen2.5-0.5b:qwen2.5-7b" if system.startswith("gpu") else "opt-1.3b:opt-6.7b"
    result = simulate(
        system=system,
        pair=pair,
        algorithm="adaedl",
        trace="synthetic:acceptance=0.8,auc=0.7,positions=400",
        tokens=24,
        fidelity=fidelity,
        set=changes,
    )
    return result.model_dump(exclude={"reproduce", "notes", "hardware"})


@pytest.mark.parametrize("fidelity", [fidelity.value for fidelity in Fidelity])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("memory.timing", "lpddr5x-8533"),
        ("memory.refresh_rate", "4"),
        ("energy.npu_static_mw", "1"),
        ("energy.rank_power_down_mw", "1"),
        ("energy.rank_refresh_mw", "1"),
        ("memory.rank_capacity_gib", "1"),
        ("cpu.queue_transfer_us", "90"),
        ("cpu.polling_us", "90"),
        ("cpu.decision_us", "90"),
    ],
)
def test_what_no_device_reads_moves_a_run(key: str, value: str, fidelity: str) -> None:
    assert outcome("ahasd", fidelity, f"{key}={value}") != outcome("ahasd", fidelity)


@pytest.mark.parametrize("key", [key for key in KEYS if (reader := one_reader(key)) is not None])
def test_a_change_that_would_change_nothing_is_refused_with_what_reads_it(key: str) -> None:
    reader = one_reader(key)
    assert reader is not None
    (other,) = set(Fidelity) - {reader.fidelity}
    refuse_unread([f"{key}=1"], reader.fidelity)
    with pytest.raises(
        AhasdError, match=f"{key} .* is read by {reader.fidelity} costs, and these are {other}"
    ):
        refuse_unread(["npu.chips=3", f"{key}=1"], other)


def test_a_run_refuses_what_it_would_not_read() -> None:
    with pytest.raises(AhasdError, match="would change nothing"):
        outcome("ahasd", "detailed", "pim.bandwidth_efficiency=0.5")
    assert outcome("ahasd", "first-order", "pim.bandwidth_efficiency=0.5")


def test_keys_of_other_things_are_left_to_those_who_know_them() -> None:
    refuse_unread(["system.placement=apart", "nonsense=1", "npu.nonsense=1"], Fidelity.DETAILED)
