"""The emitted Verilog, in another simulator, decides as the simulator's classes and does what Amaranth's does."""

import json
import shutil
from pathlib import Path

import pytest

from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.controllers.edc import EntropyDraftController
from ahasd.rtl.controllers.tvc import TimeAwareVerificationController
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.verilog import emit
from ahasd.rtl.top.controller import AhasdController
from ahasd.rtl.top.queue import Queue
from ahasd.rtl.top.rank_gate import RankGate

from . import aau_testbench, controller_testbench, edc_stimulus, tvc_stimulus
from .aau_scenario import every_operation
from .controller_scenario import STOPPING, Scenario
from .queue_scenario import pushes_and_pops, switches
from .simulation import Recording, simulate

runner = pytest.importorskip("cocotb_tools.runner", reason="cocotb is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("iverilog") is None, reason="Icarus is not installed (apt-get install iverilog)"
)

PARAMETERS = HardwareParameters()


def play(name, component, stimulus, folder):
    sources = []
    for module, text in emit({name: component}).items():
        sources.append(folder / f"{module}.v")
        sources[-1].write_text(text, encoding="utf-8")
    given, found = folder / "stimulus.json", folder / "answers.json"
    given.write_text(json.dumps(stimulus), encoding="utf-8")
    icarus = runner.get_runner("icarus")
    icarus.build(sources=sources, hdl_toplevel=name, build_dir=folder, timescale=("1ns", "1ps"), always=True)
    icarus.test(
        hdl_toplevel=name,
        test_module="icarus_testbench",
        test_dir=Path(__file__).parent,
        build_dir=folder,
        results_xml=str(folder / "results.xml"),
        extra_env={"DUT": name, "STIMULUS": str(given), "ANSWERS": str(found)},
    )
    return json.loads(found.read_text(encoding="utf-8"))


def test_edc(tmp_path):
    reference = edc_stimulus.random_operations(PARAMETERS.edc, 500, seed=7)
    operations, expected = [], []
    for operation in reference.operations:
        if isinstance(operation, edc_stimulus.Batch):
            operations.append(["batch", operation.words])
            expected.append((operation.index, operation.keep_drafting))
        elif isinstance(operation, edc_stimulus.Tokens):
            operations.append(["tokens", operation.words])
        elif isinstance(operation, edc_stimulus.Verdict):
            operations.append(["verdict", int(operation.accepted)])
        else:
            operations.append(["flush"])
    answers = play("edc", EntropyDraftController(PARAMETERS), operations, tmp_path)
    # The word of a prediction: index, bucket, keep drafting, from the low end.
    low, high = PARAMETERS.edc.index_bits, PARAMETERS.edc.index_bits + PARAMETERS.edc.bucket_bits
    assert [(word & ((1 << low) - 1), bool(word >> high)) for word in answers] == expected


def test_tvc(tmp_path):
    reference = tvc_stimulus.random_operations(PARAMETERS.tvc, 120, seed=7)
    operations, expected = [["ratio", reference.tvc.clock_ratio_units]], []
    for operation in reference.operations:
        if isinstance(operation, tvc_stimulus.Sample):
            operations.append(["sample", int(operation.kind), operation.cycles, operation.length])
        else:
            operations.append(["ask", operation.kv_length, operation.elapsed, operation.unverified])
            expected.append(operation.tokens)
    assert play("tvc", TimeAwareVerificationController(PARAMETERS), operations, tmp_path) == expected


def replay(name, component, recording, folder):
    """Every output of every cycle, in Icarus as in Amaranth's simulator."""
    given = {"inputs": recording.inputs, "outputs": recording.outputs, "given": recording.given}
    found = play(name, component, given, folder)
    for cycle, (expected, answer) in enumerate(zip(recording.shown, found, strict=True)):
        assert dict(zip(recording.outputs, answer, strict=True)) == dict(
            zip(recording.outputs, expected, strict=True)
        ), f"cycle {cycle}"
    return len(found)


def test_controller(tmp_path):
    """Queues, task scheduler, rank gate and control block, with EDC and TVC between them."""
    recording = Recording()

    async def bench(machine):
        await controller_testbench.configure(machine)
        await Scenario(machine, STOPPING, seed=11).play(batches=10)

    controller_testbench.play(bench, STOPPING, recording)
    assert replay("controller", AhasdController(STOPPING), recording, tmp_path) > 1000


def test_queue(tmp_path):
    dut, recording = Queue(12, 8), Recording()
    simulate(dut, pushes_and_pops(dut, cycles=300), recording)
    replay("queue", Queue(12, 8), recording, tmp_path)


def test_rank_gate(tmp_path):
    parameters, recording = HardwareParameters(settle_cycles=5), Recording()
    dut = RankGate(parameters)
    simulate(dut, switches(dut, parameters), recording)
    replay("rank_gate", RankGate(parameters), recording, tmp_path)


def test_aau(tmp_path):
    parameters, recording = HardwareParameters(lanes=4), Recording()
    aau_testbench.play(parameters, every_operation, recording)
    replay("aau", Aau(parameters), recording, tmp_path)
