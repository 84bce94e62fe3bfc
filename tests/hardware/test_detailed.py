"""The detailed devices: what must hold for them, and cases by hand."""

from itertools import pairwise

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.cost import NO_COST, Bound
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset, preset_names
from ahasd.hardware.preset.sections import AauSection
from ahasd.workload.graph import Graph
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

INT8 = Precision()
ALL = RankSet(4, 0, 4)


def pim(
    hardware: Hardware, precision: Precision = INT8, ranks: RankSet = ALL, aau: bool = True
) -> CommandPim:
    built = build_pim(hardware, ranks, aau, precision, Fidelity.DETAILED)
    assert isinstance(built, CommandPim)
    return built


def able(preset: str) -> Hardware:
    """A preset; where its PIM has no AAU, and there is no NPU to do its vector work, with one."""
    hardware = load_preset(preset).hardware
    if hardware.npu is None and hardware.pim is not None:
        return hardware.model_copy(update={"aau": AauSection(lanes=16, latency_cycles=52)})
    return hardware


def devices(hardware: Hardware, precision: Precision = INT8) -> list[Device]:
    """Every device that the machine has."""
    built: list[Device] = [build_gpu(hardware, name, precision) for name in hardware.gpus]
    if hardware.npu is not None:
        built.append(build_npu(hardware, 4, precision, Fidelity.DETAILED))
    if hardware.pim is not None:
        # Without AAU the vector work is the NPU's.
        units = (True, False) if hardware.npu is not None else (True,)
        built += [pim(hardware, precision, aau=aau) for aau in units]
    assert built
    return built


def with_(hardware: Hardware, **values: str) -> Hardware:
    for key, value in values.items():
        hardware = assign(hardware, key.replace("__", "."), value)
    return hardware


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("width", [1, 5])
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_every_device_passes_the_conformance_suite(preset: str, width: int, bits: int) -> None:
    precision = Precision(bits, bits)
    graph = forward_pass(load_model("opt-1.3b"), width, 300, precision)
    for device in devices(able(preset), precision):
        step = device.cost(graph)
        assert step == device.cost(graph)
        assert step.macs == sum(operator.macs for operator in graph.operators)
        assert all(joules >= 0 for joules in step.energy_j)
        assert device.cost(Graph((), {})) == NO_COST
        for part in device.breakdown(graph):
            parts = (part.compute_seconds, part.memory_seconds, part.bus_seconds, part.launch_seconds)
            assert part.cost.seconds >= max(parts) * (1 - 1e-12)
            assert part.cost.seconds <= sum(parts) * (1 + 1e-9)


@pytest.mark.parametrize("preset", ["specpim-gddr6", "specpim-hbm"])
def test_a_pim_without_aau_refuses_vector_work_where_no_npu_does_it(preset: str) -> None:
    without = pim(load_preset(preset).hardware, aau=False)
    with pytest.raises(AhasdError, match="there is no NPU that would; set aau"):
        without.cost(forward_pass(load_model("opt-1.3b"), 1, 300, INT8))


@pytest.mark.parametrize("preset", ["module-op", "module-mac", "rank-compute", "rank-both"])
@pytest.mark.parametrize("aau", [True, False])
def test_mechanisms_never_beat_the_rates_of_the_reading(preset: str, aau: bool) -> None:
    hardware = load_preset(preset).hardware
    assert hardware.pim is not None
    step = forward_pass(load_model("llama2-7b"), 1, 512, INT8)
    cost = pim(hardware, aau=aau).cost(step)
    weights = sum(operator.weight_bytes + operator.kv_read_bytes for operator in step.operators)
    assert cost.seconds >= cost.macs / (hardware.pim.gmac_per_second * 1e9)
    assert cost.array_bytes / cost.seconds <= hardware.pim.gb_per_second * 1e9
    # Padding reads columns that hold no weights, never fewer than there are.
    products = sum(o.weight_bytes for o in step.operators if o.kind is OperatorKind.VECTOR)
    look_ups = sum(o.weight_bytes for o in step.operators if o.kind is OperatorKind.GATHER)
    assert weights - products - look_ups <= cost.array_bytes <= 1.35 * weights


def product(rows: int = 1) -> Operator:
    """4096 x 4096 of INT8 weights."""
    return Operator(
        "product",
        OperatorKind.MATMUL,
        rows,
        4096,
        4096,
        1,
        1,
        macs=rows * 4096**2,
        weight_bytes=4096**2,
        input_bytes=rows * 4096,
        output_bytes=rows * 4096,
    )


def test_a_compute_bound_product_reads_its_columns_at_the_pace_of_the_units() -> None:
    hardware = load_preset("module-mac").hardware
    cost = pim(hardware).operator_cost(product())
    # 16 units in each of 16 ranks read 32 B: 512 x 16 MACs a column command, 80 ns at 102.4 G MAC/s = 128 cycles;
    # 2048 column commands. Adding 4096 x 32 lanes takes 16 ranks x 16 lanes x 0.8 GHz.
    adding = 4096 * 32 / (16 * 16 * 0.8e9)
    assert cost.compute_seconds == pytest.approx(2048 * 128 * 0.625e-9 + adding, rel=0.02)
    assert cost.bound is Bound.COMPUTE
    assert cost.cost.array_bytes == 4096**2


def test_a_read_that_serves_several_tokens_pays_where_arrays_bind() -> None:
    hardware = load_preset("rank-compute").hardware
    times = {
        reuse: pim(with_(hardware, pim__weight_reuse=str(reuse))).operator_cost(product(rows=4)).cost
        for reuse in (1, 2, 4)
    }
    # Arrays pace it at 51.2 cycles a column, compute at 16 a token: four tokens need 64.
    assert times[2].seconds < 0.65 * times[1].seconds
    assert times[4].seconds < 0.45 * times[1].seconds
    assert times[4].array_bytes * 4 == times[2].array_bytes * 2 == times[1].array_bytes


def test_reuse_saves_nothing_where_compute_binds() -> None:
    hardware = load_preset("module-mac").hardware
    single = pim(hardware).operator_cost(product(rows=4)).cost.seconds
    reusing = pim(with_(hardware, pim__weight_reuse="4")).operator_cost(product(rows=4)).cost.seconds
    assert reusing == pytest.approx(single, rel=0.1)


@pytest.mark.parametrize(
    ("preset", "changes", "bound"),
    [
        ("module-mac", {}, Bound.COMPUTE),
        ("rank-compute", {}, Bound.MEMORY),
        ("rank-compute", {"pim__power_cap_w": "0.1"}, Bound.POWER),
    ],
)
def test_the_bound_names_what_paces_the_columns(preset: str, changes: dict[str, str], bound: Bound) -> None:
    hardware = with_(load_preset(preset).hardware, **changes)
    assert pim(hardware).operator_cost(product()).bound is bound


def test_layers_never_run_side_by_side() -> None:
    """A model with one KV head has one head product a layer: its layers take their turns."""
    spec = load_model("palm-like-8b")
    scores = [o for o in forward_pass(spec, 1, 1024, INT8).operators if o.name == "layer.score"]
    (whole,) = scores
    single = Operator(
        whole.name,
        whole.kind,
        whole.rows,
        whole.inputs,
        whole.outputs,
        instances=1,
        launches=1,
        macs=whole.macs // spec.layers,
        kv_read_bytes=whole.kv_read_bytes // spec.layers,
        kv_write_bytes=whole.kv_write_bytes // spec.layers,
        input_bytes=whole.input_bytes // spec.layers,
        output_bytes=whole.output_bytes // spec.layers,
    )
    for device in devices(load_preset("module-mac").hardware):
        assert device.operator_cost(whole).cost.seconds == pytest.approx(
            spec.layers * device.operator_cost(single).cost.seconds, rel=1e-9
        )


def test_lanes_are_added_in_the_ranks_or_cross_the_bus() -> None:
    hardware = load_preset("module-mac").hardware
    inside, outside = (pim(hardware, aau=aau).operator_cost(product()).cost for aau in (True, False))
    # A column of 32 B for each of 4096 outputs, instead of gathering 4096 B of input.
    assert outside.bus_bytes - inside.bus_bytes == 4096 * 32 - 4096


def test_activation_windows_cost_time() -> None:
    hardware = load_preset("rank-both").hardware
    free = pim(hardware).operator_cost(product()).cost.seconds
    windowed = pim(with_(hardware, pim__activation_window="true")).operator_cost(product()).cost.seconds
    assert windowed > 1.05 * free


@pytest.mark.parametrize(
    "key",
    [
        "memory.channel_gb_per_second",
        "npu.clock_ghz",
        "pim.gmac_per_second",
        "pim.gb_per_second",
        "pim.power_cap_w",
    ],
)
def test_faster_hardware_is_never_slower(key: str) -> None:
    hardware = load_preset("rank-both").hardware
    section, name = key.split(".")
    value = getattr(getattr(hardware, section), name)
    for width, context in ((1, 100), (4, 700)):
        graph = forward_pass(load_model("llama2-7b"), width, context, INT8)
        times = [
            [device.cost(graph).seconds for device in devices(assign(hardware, key, str(value * factor)))]
            for factor in (1, 1.7, 4)
        ]
        for slow, quick in pairwise(times):
            # Command streams may slip by a refresh.
            assert all(q <= s * 1.001 for s, q in zip(slow, quick, strict=True))


def test_a_verification_on_the_npu_is_bound_by_the_stream_of_weights() -> None:
    hardware = load_preset("module-mac").hardware
    npu = build_npu(hardware, 4, INT8, Fidelity.DETAILED)
    step = forward_pass(load_model("llama2-13b"), 5, 512, INT8)
    seconds = npu.cost(step).seconds
    weights = sum(operator.weight_bytes for operator in step.operators)
    assert weights / 51.2e9 < seconds < 1.2 * weights / 51.2e9
    wide = npu.cost(forward_pass(load_model("llama2-13b"), 16, 512, INT8)).seconds
    assert wide < 1.06 * seconds
