"""Products split by bandwidth: conservation, parts that end together, and the module that holds them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.cost import Bound, OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.mapping.map_operators import design_passes
from ahasd.hardware.mapping.split_device import BandwidthSplit, split_operator
from ahasd.hardware.mapping.split_operators import _whole_tiles, split_operators
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind, matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

PRECISION = Precision()
HARDWARE = load_preset("module-mac").hardware
SHARING = ChannelSlowdown(effective_memory(HARDWARE).timing)
OPERATORS = forward_pass(load_model("llama2-7b"), 3, 100, PRECISION).operators
DIVISIBLE = [o for o in OPERATORS if o.kind not in (OperatorKind.VECTOR, OperatorKind.GATHER)]


class Streams(Device):
    """Takes so many seconds a byte of weights, and nothing from a channel."""

    def __init__(self, name: str, seconds_per_byte: float) -> None:
        self.name, self._pace = name, seconds_per_byte

    def operator_cost(self, operator: Operator) -> OperatorCost:
        moved = operator.weight_bytes + operator.kv_read_bytes + operator.kv_write_bytes
        cost = StepCost(seconds=moved * self._pace, macs=operator.macs)
        return OperatorCost(operator=operator, cost=cost, memory_seconds=cost.seconds, bound=Bound.MEMORY)


@given(st.sampled_from(DIVISIBLE), st.floats(0, 1))
def test_the_parts_of_an_operator_add_up_to_it(operator, share):
    parts = [part for part in split_operator(operator, share) if part is not None]
    for name in ("macs", "weight_bytes", "kv_read_bytes", "kv_write_bytes", "output_bytes"):
        assert sum(getattr(part, name) for part in parts) == getattr(operator, name)
    if operator.kind is OperatorKind.MATMUL:
        assert sum(part.outputs for part in parts) == operator.outputs
        assert all(part.input_bytes == operator.input_bytes for part in parts)
    else:
        assert sum(part.instances for part in parts) == operator.instances
        assert sum(part.input_bytes for part in parts) == operator.input_bytes


@pytest.mark.parametrize("operator", DIVISIBLE, ids=lambda operator: operator.name)
def test_who_gets_nothing_of_an_operator_leaves_it_whole_to_the_other(operator):
    assert split_operator(operator, 1.0) == (operator, None)
    assert split_operator(operator, 0.0) == (None, operator)
    assert split_operator(operator, 1e-9) == (None, operator)
    assert split_operator(operator, 1 - 1e-9) == (operator, None)


def test_shares_are_rounded_to_outputs_and_to_heads_of_each_layer():
    down = next(o for o in DIVISIBLE if o.name == "layer.down")
    first, second = split_operator(down, 0.25)
    assert (first.outputs, second.outputs) == (1024, 3072)
    assert (first.instances, first.inputs, first.rows) == (down.instances, down.inputs, down.rows)
    score = next(o for o in DIVISIBLE if o.name == "layer.score")
    first, second = split_operator(score, 0.25)
    assert (first.instances, second.instances) == (32 * 8, 32 * 24)
    assert (first.outputs, first.inputs, first.rows) == (score.outputs, score.inputs, score.rows)


@pytest.mark.parametrize(("host_pace", "pim_pace"), [(2.0, 1.0), (1.0, 2.0), (1.0, 1.0)])
def test_an_operator_takes_what_its_later_part_takes_and_keeps_both_busy(host_pace, pim_pace):
    split = BandwidthSplit(Streams("npu", host_pace), Streams("pim", pim_pace), {}, SHARING)
    operator = next(o for o in DIVISIBLE if o.name == "layer.down")
    half = operator.weight_bytes / 2
    found = split.at_share(operator, 0.5)
    assert found.operator is operator
    assert (found.cost.host_seconds, found.cost.memory_compute_seconds) == (half * host_pace, half * pim_pace)
    assert found.cost.seconds == found.memory_seconds == half * max(host_pace, pim_pace)
    assert found.cost.macs == operator.macs
    for share, pace, busy in ((1.0, host_pace, "host_seconds"), (0.0, pim_pace, "memory_compute_seconds")):
        whole = split.at_share(operator, share)
        assert whole.operator is operator
        assert whole.cost.seconds == getattr(whole.cost, busy) == 2 * half * pace
        assert whole.cost.host_seconds + whole.cost.memory_compute_seconds == whole.cost.seconds


def test_vector_work_is_the_hosts():
    split = BandwidthSplit(Npu(HARDWARE, 4), Pim(HARDWARE, RankSet(4, 1, 3), aau=False), {}, SHARING)
    vector = next(o for o in OPERATORS if o.kind is OperatorKind.VECTOR)
    assert split.operator_cost(vector).cost.seconds == split.host.operator_cost(vector).cost.seconds


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_devices_that_only_stream_share_as_their_rates_are(host_pace, pim_pace):
    passes = design_passes(load_model("llama2-7b"), None, 0, 100, 200)
    host, pim = Streams("npu", host_pace), Streams("pim", pim_pace)
    assert HARDWARE.memory is not None
    memory = HARDWARE.memory.model_copy(update={"rank_capacity_gib": 64})
    found = split_operators(passes, memory, host, lambda ranks: pim, SHARING, PRECISION)
    device = found.devices[0]
    for operator in passes[0].operators(PRECISION):
        if operator.kind is OperatorKind.MATMUL:
            together = operator.weight_bytes * host_pace * pim_pace / (host_pace + pim_pace)
            slack = operator.weight_bytes * 128 / operator.outputs * max(host_pace, pim_pace)
            seconds = device.operator_cost(operator).cost.seconds
            assert together * (1 - 1e-9) <= seconds <= together * (1 + 1e-9) + slack


def test_a_split_product_is_never_faster_than_the_work_of_both_devices_together():
    host, pim = Npu(HARDWARE, 4), Pim(HARDWARE, RankSet(4, 1, 3), aau=False)
    split = BandwidthSplit(host, pim, {}, SHARING)
    for operator in DIVISIBLE:
        for share in (0.1, 0.3, 0.5, 0.8):
            of_host, of_pim = split_operator(operator, share)
            cost = split.at_share(operator, share).cost
            work = [d.operator_cost(o).cost for d, o in ((host, of_host), (pim, of_pim)) if o is not None]
            assert cost.seconds >= max(part.seconds for part in work) * (1 - 1e-12)
            assert cost.seconds <= sum(part.seconds for part in work) * (1 + 1e-12)
            assert cost.joules == pytest.approx(sum(part.joules for part in work))
            assert cost.bus_bytes == pytest.approx(sum(part.bus_bytes for part in work))


def test_the_stream_of_a_part_gives_way_to_the_vectors_of_the_other():
    host, pim = Npu(HARDWARE, 4), Pim(HARDWARE, RankSet(4, 1, 3), aau=False)
    free = ChannelSlowdown(effective_memory(HARDWARE).timing, ideal_data_bus=True, ideal_command_bus=True)
    operator = next(o for o in DIVISIBLE if o.name == "layer.down")
    shared, alone = (BandwidthSplit(host, pim, {}, s).at_share(operator, 0.7).cost for s in (SHARING, free))
    assert shared.seconds > alone.seconds


def test_a_split_is_near_the_best_of_all_shares():
    passes = design_passes(load_model("llama2-7b"), None, 0, 100, 200)
    assert HARDWARE.memory is not None
    found = split_operators(
        passes,
        HARDWARE.memory,
        Npu(HARDWARE, 4),
        lambda ranks: Pim(HARDWARE, ranks, aau=False),
        SHARING,
        PRECISION,
    )
    device = found.devices[0]
    assert (found.host_ranks, found.pim_ranks) == (RankSet(4, 0, 1), RankSet(4, 1, 3))
    for operator in passes[0].operators(PRECISION):
        if operator.kind is OperatorKind.MATMUL:
            scanned = min(device.at_share(operator, n / 64).cost.seconds for n in range(65))
            assert device.operator_cost(operator).cost.seconds <= scanned * 1.03


def test_a_module_that_cannot_be_divided_is_refused():
    memory = assign(HARDWARE, "memory.ranks_per_channel", "1").memory
    passes = design_passes(load_model("tiny-target"), load_model("tiny-draft"), 4, 100, 200)
    assert memory is not None
    with pytest.raises(AhasdError, match="ranks of their own"):
        split_operators(passes, memory, Npu(HARDWARE, 4), lambda ranks: Npu(HARDWARE, 4), SHARING, PRECISION)


def test_the_hosts_part_fits_its_ranks():
    """13B at the NPU's share would need more than a rank of 1 GiB on each channel: it gets more ranks."""
    memory = assign(HARDWARE, "memory.rank_capacity_gib", "1").memory
    passes = design_passes(load_model("llama2-13b"), None, 0, 100, 200)
    assert memory is not None
    found = split_operators(
        passes, memory, Npu(HARDWARE, 4), lambda ranks: Pim(HARDWARE, ranks, aau=False), SHARING, PRECISION
    )
    assert found.host_ranks.per_channel > 1


def test_what_was_not_split_is_refused():
    device = BandwidthSplit(Npu(HARDWARE, 4), Pim(HARDWARE, RankSet(4, 1, 3), aau=False), {}, SHARING)
    product = matmul(LinearLayer("router", 64, 8), 1, PRECISION)
    with pytest.raises(
        AhasdError, match=r"npu\+pim runs what it was split for, and router is not part of that"
    ):
        device.operator_cost(product)


@pytest.mark.parametrize(
    ("share", "tiles"), [(0.5, (3, 4)), (0.384, (3,)), (0.0, (0,)), (1.0, (7, 7.8125)), (0.95, (7, 7.8125))]
)
def test_near_a_share_lie_the_whole_tiles_below_and_above(share, tiles):
    """A thousand outputs are 7.8125 tiles of 128, of which the last is narrower."""
    operator = matmul(LinearLayer("down", 64, 1000), 1, PRECISION)
    assert _whole_tiles(operator, share) == pytest.approx([number / 7.8125 for number in tiles])
