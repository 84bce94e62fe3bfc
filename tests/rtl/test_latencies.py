"""What the simulator charges by default is what the hardware takes."""

import numpy as np
import pytest

from ahasd.hardware.preset.preset import load_preset
from ahasd.rtl.aau import functions
from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.aau.functions import Operation
from ahasd.rtl.controllers.edc import EntropyDraftController
from ahasd.rtl.latencies import (
    AAU_PEAK_CYCLES,
    AAU_SUM_CYCLES,
    LAYER_VECTOR_OPERATORS,
    aau_elementwise_cycles,
    aau_norm_cycles,
    aau_operator_cycles,
    aau_softmax_cycles,
    edc_decision_cycles,
    rank_switch_cycles,
    tvc_decision_cycles,
)
from ahasd.rtl.parameters import HardwareParameters
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

from .simulation import simulate

DEFAULT = HardwareParameters()


@pytest.mark.parametrize("name", ["module-mac", "module-op", "rank-compute", "rank-both"])
def test_presets_charge_the_cycles_of_the_hardware(name):
    hardware = load_preset(name).hardware
    clock_hz = hardware.pim.clock_ghz * 1e9
    decision = edc_decision_cycles(DEFAULT) + tvc_decision_cycles(DEFAULT)
    assert hardware.cpu.decision_us * 1e-6 == pytest.approx(decision / clock_hz)
    assert hardware.pim.gate_switch_cycles == rank_switch_cycles(DEFAULT)
    assert rank_switch_cycles(DEFAULT) / clock_hz < 1e-6
    assert (hardware.aau.lanes, hardware.aau.latency_cycles) == (
        DEFAULT.lanes,
        aau_operator_cycles(DEFAULT),
    )


def test_the_mean_of_the_aau_is_over_the_operators_of_a_layer():
    spec = load_model("llama2-7b")
    names = [
        operator.name.removeprefix("layer.")
        for operator in forward_pass(spec, 1, 16, Precision()).operators
        if operator.kind is OperatorKind.VECTOR and operator.launches == spec.layers
    ]
    kinds = [next((kind for kind in ("norm", "softmax") if kind in name), "element-wise") for name in names]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == LAYER_VECTOR_OPERATORS


@pytest.mark.parametrize("words", [(1, 2, 3), (1000,) * 64])
def test_edc_decides_in_time(words):
    """A division of full length takes exactly the stated cycles, a mean beyond H_max fewer."""
    dut, cycles = EntropyDraftController(DEFAULT), []

    async def bench(ctx):
        while not ctx.get(dut.ready):
            await ctx.tick()
        for batch in (words, (4095,) * 4):
            ctx.set(dut.token, 1)
            for word in batch:
                ctx.set(dut.entropy, word)
                await ctx.tick()
            ctx.set(dut.token, 0)
            ctx.set(dut.batch, 1)
            await ctx.tick()
            ctx.set(dut.batch, 0)
            cycles.append(1)
            while not ctx.get(dut.decided):
                await ctx.tick()
                cycles[-1] += 1
            await ctx.tick()

    simulate(dut, bench)
    assert cycles == [edc_decision_cycles(DEFAULT), edc_decision_cycles(DEFAULT) - DEFAULT.edc.bucket_bits]


class Clocked:
    """Passes of one beat, back to back; counts the cycles."""

    def __init__(self, ctx, dut, values):
        self.ctx, self.dut, self.cycles = ctx, dut, 0
        ctx.set(dut.values, [*map(int, values)])
        ctx.set(dut.mask, (1 << len(values)) - 1)
        ctx.set(dut.gains, [64] * dut.lanes)

    async def tick(self, count=1):
        for _ in range(count):
            await self.ctx.tick()
            self.cycles += 1

    async def beat(self, operation):
        ctx, dut = self.ctx, self.dut
        ctx.set(dut.operation, operation)
        ctx.set(dut.beat, 1)
        ctx.set(dut.first, 1)
        await self.tick()
        ctx.set(dut.beat, 0)

    async def factor(self, start):
        self.ctx.set(start, 1)
        await self.tick()
        self.ctx.set(start, 0)
        while not self.ctx.get(self.dut.ready):
            await self.tick()

    async def results(self):
        while not self.ctx.get(self.dut.done):
            await self.tick()
        return [self.ctx.get(result) for result in self.dut.results]


@pytest.mark.parametrize(
    ("operation", "values", "passes"),
    [
        # Vectors that take the factor longest: one exponent, and a deviation of next to nothing.
        ("softmax", [5], 3),
        ("norm", [1, 0], 2),
        ("gelu", [90, -20, 3, 1], 1),
    ],
)
def test_the_aau_takes_the_stated_cycles_beyond_its_beats(operation, values, passes):
    parameters, numbers = HardwareParameters(lanes=4), np.array(values)
    dut, taken = Aau(parameters), []

    async def bench(ctx):
        ctx.set(dut.scale, 4700)
        ctx.set(dut.output_scale, 4000)
        ctx.set(dut.gain_shift, 9)
        ctx.set(dut.length, len(values))
        ctx.set(dut.subtract_mean, 1)
        clocked = Clocked(ctx, dut, values)
        if operation == "softmax":
            await clocked.beat(Operation.REDUCE)
            await clocked.tick(AAU_PEAK_CYCLES)
            await clocked.beat(Operation.EXPONENT)
            await clocked.tick(AAU_SUM_CYCLES)
            await clocked.factor(dut.softmax)
            while ctx.get(dut.done):  # of the exponents, which nobody wants
                await clocked.tick()
            await clocked.beat(Operation.SOFTMAX)
            expected = functions.softmax(numbers, 4700, 15)
        elif operation == "norm":
            await clocked.beat(Operation.REDUCE)
            await clocked.tick(AAU_SUM_CYCLES)
            await clocked.factor(dut.norm)
            await clocked.beat(Operation.NORM)
            expected = functions.normalise(numbers, np.full(2, 64), np.zeros(2, dtype=np.int64), 9, 15)
        else:
            await clocked.beat(Operation.GELU)
            expected = functions.activate(Operation.GELU, numbers, 4700, 4000)
        found = await clocked.results()
        assert found[: len(values)] == [int(value) % 256 for value in expected]
        taken.append(clocked.cycles - passes)

    simulate(dut, bench)
    most = {
        "softmax": aau_softmax_cycles(parameters),
        "norm": aau_norm_cycles(parameters),
        "gelu": aau_elementwise_cycles(),
    }
    assert taken == [most[operation]]
