"""The AAU hardware equals its integer arithmetic, and that is close to the functions that it stands for."""

import numpy as np
import pytest

from ahasd.rtl.aau import functions
from ahasd.rtl.aau.functions import Operation
from ahasd.rtl.parameters import HardwareParameters

from .aau_testbench import play

SMALL = HardwareParameters(lanes=4)
LENGTH_BITS = 15


def vector(seed, length, mean=5, deviation=40):
    drawn = np.random.default_rng(seed).normal(mean, deviation, length)
    return np.clip(np.rint(drawn), -128, 127).astype(np.int64)


def test_a_reduction_leaves_maximum_sum_and_sum_of_squares():
    values = vector(1, 37)

    async def bench(streams, dut, ctx):
        await streams.run(Operation.REDUCE, values)
        assert ctx.get(dut.peak) == values.max()
        assert ctx.get(dut.total) == values.sum()
        assert ctx.get(dut.accumulated) == (values**2).sum()

    play(HardwareParameters(), bench)


@pytest.mark.parametrize(("length", "output_shift"), [(1, 0), (9, 0), (64, 3), (300, 8)])
def test_softmax_hardware_equals_its_arithmetic(length, output_shift):
    values, scale = vector(length, length), 4700

    async def bench(streams, dut, ctx):
        ctx.set(dut.scale, scale)
        ctx.set(dut.output_shift, output_shift)
        await streams.run(Operation.REDUCE, values)
        await streams.run(Operation.EXPONENT, values)
        await streams.factor(dut.softmax)
        result = await streams.run(Operation.SOFTMAX, values)
        assert result.tolist() == functions.softmax(values, scale, LENGTH_BITS, output_shift).tolist()

    play(SMALL, bench)


@pytest.mark.parametrize("operation", [Operation.GELU, Operation.SILU])
def test_activation_hardware_equals_its_arithmetic_at_every_input(operation):
    values, scale, output_scale = np.arange(-128, 128), 4096, 4000

    async def bench(streams, dut, ctx):
        ctx.set(dut.scale, scale)
        ctx.set(dut.output_scale, output_scale)
        result = await streams.run(operation, values)
        assert result.tolist() == functions.activate(operation, values, scale, output_scale).tolist()

    play(HardwareParameters(), bench)


@pytest.mark.parametrize("subtract_mean", [True, False])
@pytest.mark.parametrize(
    "values", [vector(3, 128), vector(4, 5), -vector(5, 20, mean=90, deviation=3), np.full(8, 17)]
)
def test_norm_hardware_equals_its_arithmetic(values, subtract_mean):
    gains, biases = vector(6, len(values), 60, 20), vector(7, len(values), 0, 5)

    async def bench(streams, dut, ctx):
        ctx.set(dut.length, len(values))
        ctx.set(dut.subtract_mean, subtract_mean)
        ctx.set(dut.gain_shift, 9)
        await streams.run(Operation.REDUCE, values)
        await streams.factor(dut.norm)
        result = await streams.run(Operation.NORM, values, gains, biases)
        expected = functions.normalise(values, gains, biases, 9, LENGTH_BITS, subtract_mean)
        assert result.tolist() == expected.tolist()

    play(SMALL, bench)
