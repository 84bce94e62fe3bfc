"""Runs a component in Amaranth's simulator and, if asked, writes down what is at its ports in every cycle."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from amaranth import Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In
from amaranth.sim import Simulator


@dataclass
class Recording:
    """Names of the ports, and in each cycle what the inputs were and what the outputs showed before its edge."""

    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    given: list[list[int]] = field(default_factory=list)
    shown: list[list[int]] = field(default_factory=list)


def simulate(
    dut: wiring.Component, bench: Callable[[Any], Awaitable[None]], recording: Recording | None = None
) -> None:
    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    if recording is not None:
        ports = list(dut.signature.flatten(dut))
        given, shown = (
            {
                "__".join(map(str, path)): Value.cast(port)
                for path, member, port in ports
                if is_input == (member.flow == In)
            }
            for is_input in (True, False)
        )
        recording.inputs, recording.outputs = list(given), list(shown)
        wires = [*given.values(), *shown.values()]

        async def record(ctx: Any) -> None:
            async for _, _, *values in ctx.tick().sample(*wires):
                words = [value & (1 << len(wire)) - 1 for value, wire in zip(values, wires, strict=True)]
                recording.given.append(words[: len(given)])
                recording.shown.append(words[len(given) :])

        simulator.add_process(record)
    simulator.run()
