"""Run by cocotb inside Icarus: plays a stimulus from a file to emitted Verilog and writes the answers to another.

Only the standard library and cocotb are at hand here; the stimulus is in plain numbers.
"""

import json
import os
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly


async def started(dut, inputs):
    """All inputs at zero, a reset of two cycles; signals change at falling edges, half a cycle from the clock."""
    for name in inputs:
        getattr(dut, name).value = 0
    dut.rst.value = 1
    cocotb.start_soon(Clock(dut.clk, 2, "ns").start())
    for _ in range(2):
        await FallingEdge(dut.clk)
    dut.rst.value = 0


async def pulse(dut, signal):
    signal.value = 1
    await FallingEdge(dut.clk)
    signal.value = 0


async def until(dut, signal):
    for _ in range(5000):
        if int(signal.value):
            return
        await FallingEdge(dut.clk)
    raise AssertionError(f"{signal._name} does not come")


def stimulus():
    return json.loads(Path(os.environ["STIMULUS"]).read_text(encoding="utf-8"))


def answer(answers):
    Path(os.environ["ANSWERS"]).write_text(json.dumps(answers), encoding="utf-8")


@cocotb.test(skip=os.environ.get("DUT") != "edc")
async def play_edc(dut):
    """Operations: ["tokens", words], ["batch", words], ["verdict", accepted], ["flush"]."""
    await started(dut, ("token", "entropy", "batch", "verdict", "accepted", "judged", "flush"))
    answers, carried = [], []
    await until(dut, dut.ready)
    for kind, *rest in stimulus():
        await until(dut, dut.ready)
        if kind in ("tokens", "batch"):
            for word in rest[0]:
                dut.entropy.value = word
                await pulse(dut, dut.token)
        if kind == "tokens":
            continue
        if kind == "batch":
            await pulse(dut, dut.batch)
            await until(dut, dut.decided)
            prediction = int(dut.prediction.value)
            carried.append(prediction)
            answers.append(prediction)
        elif kind == "verdict":
            dut.judged.value = carried.pop(0)
            dut.accepted.value = rest[0]
            await pulse(dut, dut.verdict)
            carried = carried if rest[0] else []
        else:
            await pulse(dut, dut.flush)
            carried = []
    answer(answers)


@cocotb.test(skip=os.environ.get("DUT") != "tvc")
async def play_tvc(dut):
    """Operations: ["ratio", units], ["sample", kind, cycles, length], ["ask", kv_length, elapsed, unverified]."""
    names = (
        "clock_ratio",
        "sample",
        "kind",
        "cycles",
        "length",
        "consult",
        "kv_length",
        "elapsed",
        "unverified",
    )
    await started(dut, names)
    answers = []
    for kind, *rest in stimulus():
        await until(dut, dut.ready)
        if kind == "ratio":
            dut.clock_ratio.value = rest[0]
        elif kind == "sample":
            dut.kind.value, dut.cycles.value, dut.length.value = rest
            await pulse(dut, dut.sample)
        else:
            dut.kv_length.value, dut.elapsed.value, dut.unverified.value = rest
            await pulse(dut, dut.consult)
            await until(dut, dut.done)
            answers.append(int(dut.tokens.value))
    answer(answers)


@cocotb.test(skip=os.environ.get("DUT") in ("edc", "tvc"))
async def replay(dut):
    """Set the inputs of every cycle and read the outputs of every cycle, as they are before its edge."""
    recorded = stimulus()
    await started(dut, recorded["inputs"])
    inputs = [getattr(dut, name) for name in recorded["inputs"]]
    outputs = [getattr(dut, name) for name in recorded["outputs"]]
    before, answers = [0] * len(inputs), []
    for values in recorded["given"]:
        for port, value, last in zip(inputs, values, before, strict=True):
            if value != last:
                port.value = value
        before = values
        await ReadOnly()
        answers.append([int(port.value) for port in outputs])
        await FallingEdge(dut.clk)
    answer(answers)
