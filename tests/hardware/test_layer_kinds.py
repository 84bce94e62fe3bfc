"""Mixtures, latent attention and layers that keep a state on every device: what each costs, and what is refused."""

from collections.abc import Iterator

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.build_devices import build_npu, build_pim
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.blocks.mamba import Mamba2
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.blocks.transformer_layer import Block, TransformerLayer
from ahasd.workload.layered_graph import LayeredGraph
from ahasd.workload.operators import OperatorKind
from ahasd.workload.precision import Precision

INT8 = Precision()
MODULE = load_preset("module-mac").hardware
BY_TOKEN = assign(MODULE, "pim.value_layout", "by_token")
GPU = load_preset("rtx-4090-laptop").hardware.require_gpu()
ALL = RankSet(4, 0, 4)
WIDTH = 512
EXPERTS = Experts(
    FeedForward(WIDTH, 1024, "silu", gated=True), 16, 2, FeedForward(WIDTH, 256, "silu", gated=True)
)
LATENT = LatentAttention(WIDTH, 8, 128, 32, 64, 64, 96)
MIXERS: dict[str, TokenMixer] = {
    "attention": Attention(WIDTH, 8, 2, 64, rotary=True),
    "latent": LATENT,
    "delta": GatedDeltaNet(WIDTH, 4, 8, 64, 64, 4),
    "mamba": Mamba2(WIDTH, 16, 64, 64, 1, 4),
}


def decoder(*mixers: str, experts: bool = False) -> Decoder:
    norm = Norm(WIDTH, "rms")
    block: Block = EXPERTS if experts else FeedForward(WIDTH, 1024, "silu", gated=True)
    stacks = [Stack(TransformerLayer(MIXERS[name], block, norm), 3, f"{name}_layer") for name in mixers]
    return Decoder(Embedding(5000, WIDTH, WIDTH), tuple(stacks), Head(5000, WIDTH, WIDTH, norm))


def graph(name: str, tokens: int, context: int = 50) -> LayeredGraph:
    kinds = {
        "mixture": decoder("attention", experts=True),
        "latent": decoder("latent", experts=True),
        "hybrid": decoder("delta", "attention", experts=True),
        "state": decoder("mamba"),
    }
    return kinds[name].forward_pass(tokens, context, INT8)


NAMES = ("mixture", "latent", "hybrid", "state")


def devices(hardware: Hardware = MODULE) -> Iterator[Device]:
    yield Gpu(GPU, INT8)
    for fidelity in Fidelity:
        yield build_npu(hardware, 4, INT8, fidelity)
        yield from (build_pim(hardware, ALL, aau, INT8, fidelity) for aau in (True, False))


@pytest.mark.parametrize("tokens", [1, 4, 300])
@pytest.mark.parametrize("name", NAMES)
def test_every_device_costs_a_pass_or_says_what_it_cannot_run(name: str, tokens: int) -> None:
    passed = graph(name, tokens)
    for device in devices(BY_TOKEN):
        refused = [o for o in passed.operators if isinstance(device, Pim) and not device.runs(o)]
        if refused:
            assert name in ("hybrid", "state") or tokens == 300
            with pytest.raises(AhasdError, match=f"cannot run {refused[0].name} \\({refused[0].kind}\\)"):
                device.cost(passed)
            continue
        cost = device.cost(passed)
        assert cost.macs == sum(operator.macs for operator in passed.operators)
        assert cost.seconds == pytest.approx(sum(c.cost.seconds for c in device.breakdown(passed)))
        for part in device.breakdown(passed):
            parts = (part.compute_seconds, part.memory_seconds, part.bus_seconds, part.launch_seconds)
            assert max(parts) * (1 - 1e-12) <= part.cost.seconds <= sum(parts) * (1 + 1e-9)
            assert all(joules >= 0 for joules in part.cost.energy_j)
        # What must come from memory does, but for values that were just read as keys.
        moved = sum(
            o.weight_bytes + o.kv_write_bytes + (0 if o.reads_again else o.kv_read_bytes)
            for o in passed.operators
        )
        assert cost.bus_bytes + cost.array_bytes >= moved * (1 - 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_wider_passes_never_cost_less(name: str) -> None:
    for device in devices(BY_TOKEN):
        if isinstance(device, Pim) and name in ("hybrid", "state"):
            continue
        found = [device.cost(graph(name, tokens)).seconds for tokens in range(1, 13)]
        assert found == sorted(found), device.name


@pytest.mark.parametrize("name", ["mixture", "hybrid"])
def test_a_graph_costs_what_its_layers_cost_one_by_one(name: str) -> None:
    passed = graph(name, 3)
    for device in (Gpu(GPU, INT8), build_npu(MODULE, 4, INT8, Fidelity.FIRST_ORDER)):
        together, apart = device.cost(passed), device.cost(passed.unrolled())
        assert together.seconds == pytest.approx(apart.seconds, rel=1e-9)
        assert together.bus_bytes == apart.bus_bytes


def test_memory_reads_the_matrices_of_an_expert_once_for_each_of_its_tokens() -> None:
    """A weight read serves one token there: as many reads as tokens take experts, however many are different."""
    assert MODULE.require_pim().weight_reuse == 1
    device = Pim(MODULE, ALL, aau=True)
    for tokens in (1, 2, 3, 5, 8):
        up = next(o for o in graph("mixture", tokens).operators if o.name.endswith("expert_up"))
        cost = device.operator_cost(up)
        assert cost.cost.array_bytes == pytest.approx(3 * tokens * 2 * WIDTH * 1024)


def test_a_gpu_streams_the_experts_that_are_at_work_and_adds_the_rows_that_they_get() -> None:
    plain = Gpu(GPU.model_copy(update={"backend": "ideal-tensor-cores"}), INT8)
    vector = Gpu(GPU.model_copy(update={"backend": "llama.cpp-cuda"}), INT8)
    up = next(o for o in graph("mixture", 4).operators if o.name.endswith("expert_up"))
    assert plain.operator_cost(up).cost.bus_bytes == pytest.approx(
        3 * EXPERTS.different(4) * WIDTH * 1024, abs=3
    )
    # Eight rows on seven instances: most of the experts have one row, which costs nothing beyond the stream.
    assert (up.rows, up.instances) == (2, 3 * 7)
    dense = next(
        o for o in decoder("attention").forward_pass(2, 50, INT8).operators if o.name.endswith("layer.up")
    )

    def added(operator) -> float:  # type: ignore[no-untyped-def]
        cost = vector.operator_cost(operator)
        return (cost.cost.seconds - cost.launch_seconds) / cost.memory_seconds - 1

    assert 0 < added(up) == pytest.approx(added(dense) / 7, rel=0.05)


def test_a_latent_cache_is_read_once_where_attention_is_fused() -> None:
    scores, context = (
        next(o for o in graph("latent", 1, 99).operators if o.kind is kind)
        for kind in (OperatorKind.SCORE, OperatorKind.CONTEXT)
    )
    gpu, apart = Gpu(GPU, INT8), Gpu(GPU.model_copy(update={"fused_attention": False}), INT8)
    assert gpu.operator_cost(scores).cost.bus_bytes == 3 * 160 * 100
    assert gpu.operator_cost(context).cost.bus_bytes == 0
    assert apart.operator_cost(context).cost.bus_bytes == 3 * 128 * 100


def test_memory_that_lays_values_out_by_output_refuses_a_latent_cache() -> None:
    for fidelity in Fidelity:
        device = build_pim(MODULE, ALL, True, INT8, fidelity)
        with pytest.raises(AhasdError, match=r"a part of its keys, .* set pim\.value_layout=by_token"):
            device.cost(graph("latent", 1))


def test_a_state_is_read_and_written_once_and_its_tokens_are_linear() -> None:
    state = 3 * (4 * 16 * 64 * 64)
    for device in (Gpu(GPU, INT8), build_npu(MODULE, 4, INT8, Fidelity.DETAILED)):
        costs = []
        for tokens in (1, 2, 4):
            space = next(o for o in graph("state", tokens).operators if o.name.endswith("state_space"))
            costs.append(device.operator_cost(space))
            assert costs[-1].cost.bus_bytes == pytest.approx(2 * state, rel=0.001)
        assert costs[1].compute_seconds == pytest.approx(2 * costs[0].compute_seconds)
        assert costs[2].compute_seconds == pytest.approx(4 * costs[0].compute_seconds)
    far, near = graph("state", 2, 10**5), graph("state", 2, 0)
    assert Gpu(GPU, INT8).cost(far) == Gpu(GPU, INT8).cost(near)
