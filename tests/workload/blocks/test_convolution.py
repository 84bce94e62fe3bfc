"""Convolutions against sliding the window by hand, and a cell of them."""

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.workload.blocks.convolution import Convolution, Window, activate, concatenate, pool, separable
from ahasd.workload.blocks.norm import add
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind

INT8 = Precision()
steady = settings(deadline=None, derandomize=True, max_examples=150)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, tuple[int, ...]]:
    """A window and a size that it fits."""
    axes = draw(st.integers(1, 2))
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(axes))
    window = Window(kernel, draw(st.integers(1, 3)), draw(st.integers(0, 2)), draw(st.integers(1, 2)))
    size = tuple(draw(st.integers(1, 7)) for _ in range(axes))
    spans = [window.dilation * (length - 1) + 1 for length in kernel]
    assume(all(n + 2 * window.padding >= span for n, span in zip(size, spans, strict=True)))
    return window, size


def slid(window: Window, size: tuple[int, ...]) -> list[list[tuple[int, ...]]]:
    """Positions that each window covers, in the padded input."""
    axes = []
    for length, kernel in zip(size, window.kernel, strict=True):
        starts, end = [], length + 2 * window.padding
        start = 0
        while start + window.dilation * (kernel - 1) < end:
            starts.append([start + window.dilation * step for step in range(kernel)])
            start += window.stride
        axes.append(starts)
    return [list(product(*places)) for places in product(*axes)]


@steady
@given(windows(), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_a_convolution_multiplies_as_its_loops_do(
    drawn: tuple[Window, tuple[int, ...]], groups: int, inputs: int, outputs: int, bias: bool
) -> None:
    window, size = drawn
    convolution = Convolution("conv", groups * inputs, groups * outputs, window, groups, bias)
    graph = GraphBuilder(INT8)
    built = graph.graph(convolution.build(graph, graph.input("x", (*size, groups * inputs))))
    (operator,) = built.operators

    image = np.ones((*(length + 2 * window.padding for length in size), groups * inputs))
    kernels = np.ones((groups * outputs, inputs, *window.kernel))
    inside = [range(window.padding, window.padding + length) for length in size]
    multiplied, read, made = 0, set(), []
    for places in slid(window, size):
        for output in range(groups * outputs):
            total = 0.0
            for place, offset in zip(places, np.ndindex(*window.kernel), strict=True):
                for channel in range(inputs):
                    source = output // outputs * inputs + channel
                    total += image[(*place, source)] * kernels[(output, channel, *offset)]
                    multiplied += 1
                    if all(p in axis for p, axis in zip(place, inside, strict=True)):
                        read.add((*place, source))
            made.append(total)
    assert operator.macs == multiplied
    assert operator.input_bytes == len(read)
    assert operator.output_bytes == len(made) == built.values["conv"].bytes
    assert operator.weight_bytes == kernels.size + 2 * bias * groups * outputs
    # As a product of windows and kernels, group by group.
    assert operator.macs == operator.instances * operator.rows * operator.inputs * operator.outputs
    assert (operator.instances, operator.launches) == (groups, 1)
    assert operator.rows == len(slid(window, size))
    assert operator.inputs == inputs * prod(window.kernel)


def test_a_window_wider_apart_than_long_skips_positions() -> None:
    # Every other row and column of a 1 x 1 kernel.
    assert Window((1, 1), stride=2).touched((8, 8)) == 16
    assert Window((3, 3), stride=2, padding=1).touched((8, 8)) == 64
    assert Window((2, 2), stride=3).touched((7, 7)) == 4 * 4


def test_the_front_of_whisper_by_hand() -> None:
    """Two convolutions over 3,000 frames of 80 mel bands, the second with a stride of two (whisper-tiny)."""
    graph = GraphBuilder(INT8)
    x = graph.input("mel", (3000, 80))
    for name, inputs, stride in (("conv1", 80, 1), ("conv2", 384, 2)):
        x = Convolution(name, inputs, 384, Window((3,), stride, 1), bias=True).build(graph, x)
    first, second = graph.graph(x).operators
    assert (first.rows, first.inputs, first.outputs) == (3000, 240, 384)
    assert (second.rows, second.inputs, second.outputs) == (1500, 1152, 384)
    assert (first.macs, second.macs) == (3000 * 240 * 384, 1500 * 1152 * 384)
    assert (first.input_bytes, first.output_bytes) == (3000 * 80, 3000 * 384)
    assert (second.input_bytes, second.output_bytes) == (3000 * 384, 1500 * 384)
    assert second.weight_bytes == 3 * 384 * 384 + 2 * 384


def cell(size: int = 8, channels: int = 16) -> Graph:
    """A small cell as NASNet's: separable branches, a pooled one and an untouched one, added in pairs, joined."""
    graph = GraphBuilder(INT8)
    before, now = (graph.input(name, (size, size, channels)) for name in ("before", "now"))
    left = separable(graph, "left", before, channels, Window((5, 5), padding=2))
    right = separable(graph, "right", now, channels, Window((3, 3), padding=1))
    first = add(graph, "first", left, right)
    second = add(graph, "second", pool(graph, "pooled", now, Window((3, 3), padding=1)), before)
    return graph.graph(concatenate(graph, "joined", first, second, now))


def test_a_cell_of_separable_convolutions_by_hand() -> None:
    graph = cell()
    operators = {operator.name: operator for operator in graph.operators}
    positions, channels = 64, 16
    assert operators["left.depthwise"].macs == positions * channels * 25
    assert operators["right.depthwise"].macs == positions * channels * 9
    assert operators["left.pointwise"].macs == positions * channels * channels
    wide = operators["left.depthwise"]
    assert (wide.instances, wide.rows, wide.inputs, wide.outputs) == (16, 64, 25, 1)
    total = {kind: sum(o.macs for o in graph.operators if o.kind is kind) for kind in OperatorKind}
    assert total[OperatorKind.CONVOLUTION] == positions * channels * (25 + 9 + 2 * channels)
    assert sum(total.values()) == total[OperatorKind.CONVOLUTION]
    assert operators["pooled"].vector_operations == 9 * positions * channels
    joined = operators["joined"]
    assert (joined.vector_operations, joined.input_bytes, joined.output_bytes) == (0, 3 * 1024, 3 * 1024)
    assert graph.values["joined"].shape == (8, 8, 48)
    inputs = {name for name, value in graph.values.items() if value.kind is ValueKind.INPUT}
    assert inputs == {"before", "now"}
    readers = [flow.consumers for flow in graph.flows if flow.producer in ("first", "second")]
    assert readers == [("joined",), ("joined",)]


def test_pooling_with_a_stride_shrinks_the_positions() -> None:
    graph = GraphBuilder(INT8)
    pooled = pool(graph, "pooled", graph.input("x", (8, 8, 3)), Window((2, 2), stride=2))
    (operator,) = graph.graph(pooled).operators
    assert graph.shape(pooled) == (4, 4, 3)
    assert (operator.input_bytes, operator.output_bytes, operator.vector_operations) == (192, 48, 4 * 48)


def test_an_activation_function_costs_its_operations() -> None:
    graph = GraphBuilder(INT8)
    operators: list[Operator] = []
    for name in ("relu", "gelu", "silu"):
        x = graph.input(f"x-{name}", (5, 2))
        operators += graph.graph(activate(graph, name, x, name)).operators[-1:]
    assert [operator.vector_operations for operator in operators] == [10, 80, 40]


@pytest.mark.parametrize(
    ("window", "size", "problem"),
    [
        (Window((3, 3)), (8,), "2 axes does not slide over 1"),
        (Window((3,)), (2,), "does not fit"),
        (Window((3,), dilation=4, padding=1), (6,), "does not fit"),
    ],
)
def test_a_window_that_does_not_fit_is_refused(window: Window, size: tuple[int, ...], problem: str) -> None:
    with pytest.raises(AhasdError, match=problem):
        window.positions(size)


def test_impossible_convolutions_are_refused() -> None:
    for values in ({"stride": 0}, {"dilation": 0}, {"padding": -1}, {"kernel": (3, 0)}):
        with pytest.raises(AhasdError, match="no window"):
            Window(**{"kernel": (3, 3)} | values)
    for groups in (0, 4):
        with pytest.raises(AhasdError, match=f"conv: {groups} groups do not divide 6 inputs and 8 outputs"):
            Convolution("conv", 6, 8, Window((1,)), groups)
    graph = GraphBuilder(INT8)
    with pytest.raises(AhasdError, match="conv takes 6 channels, not the 5 of x"):
        Convolution("conv", 6, 8, Window((1,))).build(graph, graph.input("x", (10, 5)))
