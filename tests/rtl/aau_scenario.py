"""Each operation of the AAU on a vector that does not fill its last beat, against the same arithmetic in integers."""

from typing import Any

import numpy as np

from ahasd.rtl.aau import functions
from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.aau.functions import Operation

from .aau_testbench import Streams

LENGTH_BITS = 15


async def every_operation(streams: Streams, dut: Aau, ctx: Any) -> None:
    values = np.clip(np.rint(np.random.default_rng(8).normal(9, 40, 37)), -128, 127).astype(np.int64)
    scale = 4700
    ctx.set(dut.scale, scale)
    await streams.run(Operation.REDUCE, values)
    assert (ctx.get(dut.peak), ctx.get(dut.total)) == (values.max(), values.sum())
    await streams.run(Operation.EXPONENT, values)
    await streams.factor(dut.softmax)
    result = await streams.run(Operation.SOFTMAX, values)
    assert result.tolist() == functions.softmax(values, scale, LENGTH_BITS).tolist()

    ctx.set(dut.output_scale, 4000)
    for operation in (Operation.GELU, Operation.SILU):
        result = await streams.run(operation, values)
        assert result.tolist() == functions.activate(operation, values, scale, 4000).tolist()

    gains, biases = values[::-1].copy(), values // 8
    ctx.set(dut.length, len(values))
    ctx.set(dut.gain_shift, 9)
    for subtract_mean in (True, False):
        ctx.set(dut.subtract_mean, subtract_mean)
        await streams.run(Operation.REDUCE, values)
        await streams.factor(dut.norm)
        result = await streams.run(Operation.NORM, values, gains, biases)
        expected = functions.normalise(values, gains, biases, 9, LENGTH_BITS, subtract_mean)
        assert result.tolist() == expected.tolist()
