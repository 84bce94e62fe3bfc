"""Encoders, cross-attention, convolutions and experts on every device, by hand; and what a device refuses."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.build_devices import build_npu, build_pim
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.convolution import Convolution, Window, concatenate, pool, separable
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.encoder import Encoder
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.per_layer_embedding import PerLayerEmbedding, PerLayerInput
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.graph import Graph, Node, OperatorGraph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import Value, ValueKind

INT8 = Precision()
MODULE = load_preset("module-mac").hardware
GPU = load_preset("rtx-4090-laptop").hardware.require_gpu()
ALL = RankSet(4, 0, 4)
WIDTH, HEADS = 512, 8
EXPERTS = Experts(FeedForward(WIDTH, 1024, "silu", gated=True), 16, 2)


def attention(name: str = "") -> Attention:
    return Attention(WIDTH, HEADS, HEADS, WIDTH // HEADS, name=name)


def encoder(layers: int = 6) -> Encoder:
    """As whisper-base's."""
    norm = Norm(WIDTH, "layer", bias=True)
    layer = TransformerLayer(attention(), FeedForward(WIDTH, 4 * WIDTH, "gelu"), norm)
    front = (
        Convolution("conv1", 80, WIDTH, Window((3,), 1, 1)),
        Convolution("conv2", WIDTH, WIDTH, Window((3,), 2, 1)),
    )
    return Encoder(front, "gelu", 1500, layer, layers, norm)


def decoder(experts: int | None = None, cross: bool = False) -> Decoder:
    norm = Norm(WIDTH, "rms")
    block = FeedForward(WIDTH, 4 * WIDTH, "gelu") if experts is None else EXPERTS.routed(experts)
    layer = TransformerLayer(attention(), block, norm, cross_attention=attention("cross_") if cross else None)
    return Decoder(Embedding(5000, WIDTH, WIDTH), (Stack(layer, 6),), Head(5000, WIDTH, WIDTH, norm))


def two_kinds() -> Decoder:
    """Norms on both sides, windows in most layers, and some that keep no keys and values of their own."""
    norm = Norm(WIDTH, "rms")
    block = FeedForward(WIDTH, 4 * WIDTH, "gelu", gated=True)
    own = PerLayerInput(WIDTH, 32, "gelu", norm)
    windowed = replace(attention(), sliding_window=16, rotary=True, query_key_norm=HeadNorm(values=True))
    sharing = Attention(WIDTH, HEADS, 1, 2 * WIDTH // HEADS, shares_cache=True, soft_cap=True)
    stacks = (
        Stack(
            TransformerLayer(windowed, block, norm, norm_placement="both", per_layer_input=own), 5, "windowed"
        ),
        Stack(
            TransformerLayer(sharing, block, norm, norm_placement="both", per_layer_input=own), 1, "sharing"
        ),
    )
    per_layer = PerLayerEmbedding(5000, 32, 6, WIDTH, Norm(32, "rms"))
    return Decoder(Embedding(5000, WIDTH, WIDTH, per_layer=per_layer), stacks, Head(5000, WIDTH, WIDTH, norm))


def cell() -> Graph:
    """Separable convolutions and a pooled branch on 28 x 28 positions."""
    graph = GraphBuilder(INT8)
    x = graph.input("x", (28, 28, 64))
    left = separable(graph, "left", x, 64, Window((5, 5), 1, 2))
    right = separable(graph, "right", x, 64, Window((3, 3), 1, 1))
    return graph.graph(
        concatenate(graph, "joined", left, right, pool(graph, "pooled", x, Window((3, 3), 1, 1)))
    )


def graphs() -> dict[str, OperatorGraph]:
    return {
        "encoder": encoder().forward_pass(3000, INT8),
        "cross-attention": decoder(cross=True).forward_pass(3, 50, INT8, encoded=1500),
        "keys for a decoder": encoder().forward_pass(3000, INT8, attention("cross_"), 6),
        "cell": cell(),
        "experts": decoder(experts=5).forward_pass(3, 50, INT8),
        "two kinds of layers": two_kinds().forward_pass(3, 50, INT8),
    }


def devices(hardware: Hardware = MODULE) -> Iterator[Device]:
    yield Gpu(GPU, INT8)
    for fidelity in Fidelity:
        yield build_npu(hardware, 4, INT8, fidelity)
        yield from (build_pim(hardware, ALL, aau, INT8, fidelity) for aau in (True, False))


def on_pim(operator: Operator) -> bool:
    """Whether what it multiplies by lies in banks."""
    return operator.kind is not OperatorKind.CONVOLUTION and not (
        operator.kind.is_attention and operator.kv_read_bytes == 0
    )


@pytest.mark.parametrize("name", graphs())
def test_every_device_costs_a_graph_or_says_what_it_cannot_run(name: str) -> None:
    graph = graphs()[name]
    runs_on_pim = all(map(on_pim, graph.operators))
    assert runs_on_pim == (name in ("cross-attention", "experts", "two kinds of layers"))
    for device in devices():
        if isinstance(device, Pim) and not runs_on_pim:
            refused = next(o for o in graph.operators if not on_pim(o))
            with pytest.raises(AhasdError, match=f"cannot run {refused.name} \\({refused.kind}\\)"):
                device.cost(graph)
            continue
        cost = device.cost(graph)
        assert cost.macs == sum(operator.macs for operator in graph.operators)
        assert cost.seconds == pytest.approx(sum(c.cost.seconds for c in device.breakdown(graph)))
        for part in device.breakdown(graph):
            parts = (part.compute_seconds, part.memory_seconds, part.bus_seconds, part.launch_seconds)
            assert max(parts) * (1 - 1e-12) <= part.cost.seconds <= sum(parts) * (1 + 1e-9)
            assert all(joules >= 0 for joules in part.cost.energy_j)
            assert part.cost.seconds > 0 or part.operator.kind in (OperatorKind.GATHER, OperatorKind.APPEND)
        # What must come from memory does.
        moved = sum(o.weight_bytes + o.kv_read_bytes + o.kv_write_bytes for o in graph.operators)
        assert cost.bus_bytes + cost.array_bytes >= moved * (1 - 1e-12)


@pytest.mark.parametrize("name", ["encoder", "cell", "experts", "cross-attention"])
@pytest.mark.parametrize("key", ["npu.clock_ghz", "memory.channel_gb_per_second"])
def test_a_faster_npu_is_never_slower(name: str, key: str) -> None:
    graph, faster = graphs()[name], assign(MODULE, key, "20")
    for fidelity in Fidelity:
        slow, quick = (build_npu(hardware, 4, INT8, fidelity).cost(graph) for hardware in (MODULE, faster))
        assert quick.seconds <= slow.seconds


def named(graph: OperatorGraph, name: str) -> Operator:
    return next(operator for operator in graph.operators if operator.name == name)


def test_a_depthwise_convolution_leaves_a_systolic_array_idle() -> None:
    """Each of 64 channels preloads a tile of 25 by 1 for its 784 windows: 64 x 784 cycles of a chip."""
    npu, depthwise = MODULE.require_npu(), named(cell(), "left.depthwise")
    device = Npu(MODULE, 4)
    cycles = 64 * 784
    assert device.compute_seconds(depthwise) == pytest.approx(cycles / (npu.clock_ghz * 1e9 * npu.chips))
    pointwise = named(cell(), "left.pointwise")
    assert pointwise.macs > 2 * depthwise.macs
    assert device.compute_seconds(depthwise) == 64 * device.compute_seconds(pointwise)
    cost = device.operator_cost(depthwise)
    # What enters and leaves fits the scratchpad; the kernels are read.
    assert cost.cost.bus_bytes == 64 * 25


def test_a_convolution_beyond_the_scratchpad_moves_its_input_and_output_once() -> None:
    graph = GraphBuilder(INT8)
    large = Convolution("large", 64, 64, Window((3, 3), 1, 1))
    (operator,) = graph.graph(large.build(graph, graph.input("x", (1024, 1024, 64)))).operators
    moved = 2 * 1024**2 * 64 + 9 * 64 * 64
    for fidelity in Fidelity:
        assert build_npu(MODULE, 4, INT8, fidelity).operator_cost(operator).cost.bus_bytes == moved
    assert Gpu(GPU, INT8).operator_cost(operator).cost.bus_bytes == moved
    # Compute: the array holds 64 outputs by 576 inputs in as many tiles as its height needs.
    npu = MODULE.require_npu()
    tiles = ceil(576 / npu.array_rows) * ceil(64 / npu.array_columns)
    seconds = tiles * 1024**2 / (npu.clock_ghz * 1e9)
    for fidelity in Fidelity:
        compute = build_npu(MODULE, 4, INT8, fidelity).operator_cost(operator).compute_seconds
        assert seconds / npu.chips <= compute <= seconds * 1.05


def test_convolutions_and_experts_are_products_with_weights_on_a_gpu() -> None:
    # Without what several rows cost, which is that of tests/hardware/test_width_cost.py.
    device = Gpu(GPU.model_copy(update={"backend": "ideal-tensor-cores"}), INT8)
    rate = GPU.int8_tops * 1e12 / 2 * GPU.gemm_efficiency
    for operator in (
        named(encoder().forward_pass(3000, INT8), "conv2"),
        named(decoder(experts=5).forward_pass(3, 50, INT8), "layer.expert_up"),
    ):
        cost = device.operator_cost(operator)
        assert cost.compute_seconds == pytest.approx(operator.macs / rate)
        assert cost.memory_seconds == pytest.approx(cost.cost.bus_bytes / device.bytes_per_second)
        assert cost.cost.bus_bytes == operator.weight_bytes
        launch = operator.launches * GPU.graph_launch_us * 1e-6
        assert cost.cost.seconds == pytest.approx(max(cost.compute_seconds, cost.memory_seconds) + launch)


def test_the_attention_of_an_encoder_runs_at_the_rate_of_activations() -> None:
    score = named(encoder().forward_pass(3000, INT8), "encoder_layer.score")
    rate = GPU.fp16_tflops * 1e12 / 2 * GPU.gemm_efficiency
    assert Gpu(GPU, INT8).operator_cost(score).compute_seconds == pytest.approx(score.macs / rate)
    assert score.macs == 6 * WIDTH * 1500**2


def test_an_encoders_keys_stream_by_once_for_each_block_of_queries() -> None:
    """Fused, 1,500 queries of 64 channels with their sums need 0.5 MB of the scratchpad: one block."""
    npu = build_npu(MODULE, 4, INT8, Fidelity.DETAILED)
    graph = encoder().forward_pass(3000, INT8)
    score, context = named(graph, "encoder_layer.score"), named(graph, "encoder_layer.context")
    of_layer = 1500 * WIDTH
    assert npu.operator_cost(score).cost.bus_bytes == 6 * 2 * of_layer
    assert npu.operator_cost(context).cost.bus_bytes == 6 * 2 * of_layer
    cost = build_npu(assign(MODULE, "npu.scratchpad_mb", "0.4"), 4, INT8, Fidelity.DETAILED).operator_cost(
        score
    )
    assert cost.cost.bus_bytes == 6 * (2 + 1) * of_layer  # queries once, keys for both blocks


def test_wider_queries_fill_the_scratchpad_sooner() -> None:
    """1,500 queries of 64 channels and their sums: 0.48 MB at 8 bits, 0.58 MB at 16."""
    hardware = assign(MODULE, "npu.scratchpad_mb", "0.5")
    of_layer = 1500 * WIDTH
    for bits, keys_read in ((8, 1), (16, 2)):
        precision = Precision(activation_bits=bits)
        score = named(encoder().forward_pass(3000, precision), "encoder_layer.score")
        cost = build_npu(hardware, 4, precision, Fidelity.DETAILED).operator_cost(score).cost
        assert cost.bus_bytes == 6 * (1 + keys_read) * of_layer * bits // 8


def test_pim_reads_the_experts_at_work_and_the_encoders_keys_from_its_banks() -> None:
    device = Pim(MODULE, ALL, aau=True)
    reuse = MODULE.require_pim().weight_reuse
    graph = decoder(experts=5).forward_pass(3, 50, INT8)
    up = named(graph, "layer.expert_up")
    assert (up.rows, up.instances) == (2, 6 * 5)
    # One of the five has two of the six rows, and a weight read serves one.
    assert reuse == 1
    assert device.operator_cost(up).cost.array_bytes == 6 * 6 * WIDTH * 1024
    # Five experts of six layers in place of one feed-forward part each.
    assert up.weight_bytes == 6 * 5 * WIDTH * 1024
    score = named(decoder(cross=True).forward_pass(1, 50, INT8, encoded=1500), "layer.cross_score")
    assert device.operator_cost(score).cost.array_bytes == 6 * 1500 * WIDTH


def test_more_experts_at_work_take_longer_where_weights_serve_several_tokens() -> None:
    """In memory every token reads the weights of its experts anyhow, one by one (a weight read serves one token)."""
    assert MODULE.require_pim().weight_reuse == 1
    for device in devices():
        few, many = (device.cost(decoder(experts=n).forward_pass(4, 50, INT8)) for n in (2, 8))
        if type(device) is Pim:
            assert many.array_bytes == few.array_bytes
        else:
            assert many.seconds > few.seconds
        if isinstance(device, Npu):
            assert many.bus_bytes - few.bus_bytes == pytest.approx(
                6 * 6 * EXPERTS.expert_bytes(INT8), rel=0.01
            )


def test_a_graph_costs_what_its_layers_cost_one_by_one() -> None:
    """All layers together are for speed: the first-order models add up exactly what each layer takes."""
    for graph in graphs().values():
        if not isinstance(graph, LayeredGraph):
            continue
        for device in (Gpu(GPU, INT8), Npu(MODULE, 4)):
            together, apart = device.cost(graph), device.cost(graph.unrolled())
            assert together.seconds == pytest.approx(apart.seconds, rel=1e-9)
            assert together.joules == pytest.approx(apart.joules, rel=1e-9)
            assert together.bus_bytes == apart.bus_bytes
            assert together.operators == apart.operators


def test_a_graph_without_work_is_refused_by_every_device() -> None:
    values = {name: Value(name, kind, 4) for name, kind in (("x", ValueKind.INPUT), ("y", ValueKind.OUTPUT))}
    graph = Graph((Node("n1", "aten.relu", ("x",), ("y",)),), values)
    for device in devices():
        with pytest.raises(AhasdError, match=r"no device can cost n1 \(aten.relu\)"):
            device.cost(graph)
