"""The table of step costs: exact on its grid, close to the device between, cheap to fill for a long text."""

from collections.abc import Iterator

import pytest

from ahasd.hardware.build_devices import build_pim
from ahasd.hardware.cost import OperatorCost, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pass_grid import Passes
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.hardware.step_table import MeasuredSteps, StepTable
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

PRECISION = Precision()


class Watched(Device):
    """A device that counts the steps it is asked for."""

    name = "watched"

    def __init__(self, device: Device) -> None:
        self.device, self.asked = device, 0

    def operator_cost(self, operator: Operator) -> OperatorCost:
        return self.device.operator_cost(operator)

    def cost(self, graph: OperatorGraph) -> StepCost:
        self.asked += 1
        return super().cost(graph)


def grid(end: int) -> Iterator[tuple[int, int]]:
    """Yield the grid below a context, each point with the distance to the next.

    64 apart below 2048, then 16 points from each power of two to the next.
    """
    for point in range(0, 2048, 64):
        yield point, 64
    start = 2048
    while start < end:
        yield from ((point, start // 16) for point in range(start, 2 * start, start // 16))
        start *= 2


def test_columns_hold_what_steps_cost_to_the_bit(module_mac: Hardware, llama_7b: ModelSpec) -> None:
    table = StepTable(
        build_pim(module_mac, RankSet(4, 0, 2), True, PRECISION, Fidelity.FIRST_ORDER), llama_7b, PRECISION
    )
    fresh = StepTable(table.device, llama_7b, PRECISION)
    passes = [(1, 128), (1, 129), (5, 129), (5, 2047), (3, 2049), (1, 2176), (2, 9001), (1, 129)]
    for steps in (table, MeasuredSteps("npu", 0.25)):
        expected = [(cost.seconds, *cost.energy_j) for cost in (steps.cost(*one) for one in passes)]
        assert steps.columns(Passes(passes)).tolist() == [list(row) for row in expected]
    assert fresh.columns(Passes(passes[3:])).tolist() == table.columns(Passes(passes)).tolist()[3:]
    assert fresh.columns(Passes(passes)).tolist() == table.columns(Passes(passes)).tolist()
    assert table.columns(Passes([])).shape == (0, len(expected[0]))


def test_a_step_table_is_exact_on_its_grid_and_linear_between(
    module_mac: Hardware, llama_7b: ModelSpec
) -> None:
    device = Npu(module_mac, 4)
    table = StepTable(device, llama_7b, PRECISION)
    for point in (0, 192, 1088):
        assert table.cost(5, point) == device.cost(forward_pass(llama_7b, 5, point, PRECISION))
    low, high = table.cost(5, 640), table.cost(5, 704)
    middle = table.cost(5, 656)
    assert middle.seconds == pytest.approx(0.75 * low.seconds + 0.25 * high.seconds, rel=1e-12)
    assert middle.joules == pytest.approx(0.75 * low.joules + 0.25 * high.joules, rel=1e-12)


def test_the_grid_of_a_long_context_is_exact_and_twice_as_wide_from_each_power_of_two_on(
    module_mac: Hardware, llama_13b: ModelSpec
) -> None:
    """Between two points the table is their mean, where the device, with its tiles and rows, is something else."""
    device = build_pim(module_mac, RankSet(4, 0, 4), True, PRECISION, Fidelity.DETAILED)
    table = StepTable(device, llama_13b, PRECISION)
    bent = 0
    for point, spacing in grid(40_000):
        exact = device.cost(forward_pass(llama_13b, 1, point, PRECISION))
        assert table.cost(1, point) == exact
        following = table.cost(1, point + spacing).seconds
        middle = point + spacing // 2
        assert table.cost(1, middle).seconds == pytest.approx((exact.seconds + following) / 2, rel=1e-12)
        there = device.cost(forward_pass(llama_13b, 1, middle, PRECISION)).seconds
        bent += abs(there - (exact.seconds + following) / 2) > 1e-4 * there
    assert bent > 20


def test_each_doubling_of_the_context_asks_the_device_for_sixteen_steps_more(
    module_mac: Hardware, llama_7b: ModelSpec
) -> None:
    device = Watched(Npu(module_mac, 4))
    table = StepTable(device, llama_7b, PRECISION)
    asked = []
    for context in range(32_769):
        table.seconds(1, context)
        if context in (2048, 4096, 8192, 16_384, 32_768):
            asked.append(device.asked)
    # 32 below 2048, and the one there.
    assert asked == [33, 49, 65, 81, 97]
    for context in range(0, 32_769, 5):
        table.cost(1, context)
    assert device.asked == asked[-1]


def test_seconds_alone_are_those_of_the_cost(module_mac: Hardware, llama_7b: ModelSpec) -> None:
    device = Npu(module_mac, 4)
    asked_first, asked_later = (StepTable(device, llama_7b, PRECISION) for _ in range(2))
    for width, context in ((1, 0), (1, 64), (5, 65), (3, 1000), (2, 2047), (2, 5000)):
        seconds = asked_first.seconds(width, context)
        assert seconds == asked_later.cost(width, context).seconds == asked_first.cost(width, context).seconds


def test_interpolation_stays_close_to_the_exact_cost(module_mac: Hardware, llama_7b: ModelSpec) -> None:
    device = Pim(module_mac, RankSet(4, 1, 3), aau=True)
    table = StepTable(device, llama_7b, PRECISION)
    for context in (1, 63, 100, 999):
        exact = device.cost(forward_pass(llama_7b, 1, context, PRECISION)).seconds
        assert table.cost(1, context).seconds == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(("ranks", "error"), [(1, 6e-3), (4, 12e-3)])
def test_between_the_points_of_a_long_context_a_step_errs_by_no_more_than_is_said(
    module_mac: Hardware, llama_13b: ModelSpec, ranks: int, error: float
) -> None:
    device = build_pim(module_mac, RankSet(4, 0, ranks), True, PRECISION, Fidelity.DETAILED)
    table = StepTable(device, llama_13b, PRECISION)
    for point, spacing in grid(40_000):
        if point >= 2048:
            context = point + spacing // 3
            exact = device.cost(forward_pass(llama_13b, 1, context, PRECISION)).seconds
            assert table.cost(1, context).seconds == pytest.approx(exact, rel=error)


def test_a_measured_step_takes_its_time_whatever_it_is_given_and_nothing_else() -> None:
    steps = MeasuredSteps("somewhere", 0.25)
    assert steps.name == "somewhere"
    assert steps.cost(1, 0) == steps.cost(9, 5000) == StepCost(seconds=0.25)
    assert steps.seconds(3, 7) == 0.25
