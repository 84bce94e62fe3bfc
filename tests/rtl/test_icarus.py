"""The emitted Verilog, in another simulator, decides as the simulator's classes."""

import json
import shutil
from pathlib import Path

import pytest

from ahasd.rtl.edc import EntropyDraftController
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.tvc import TimeAwareVerificationController
from ahasd.rtl.verilog import emit

from . import edc_stimulus, tvc_stimulus

runner = pytest.importorskip("cocotb_tools.runner", reason="cocotb is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("iverilog") is None, reason="Icarus is not installed (apt-get install iverilog)"
)

PARAMETERS = HardwareParameters()


def play(name, component, operations, folder):
    sources = []
    for module, text in emit({name: component}).items():
        sources.append(folder / f"{module}.v")
        sources[-1].write_text(text, encoding="utf-8")
    given, found = folder / "stimulus.json", folder / "answers.json"
    given.write_text(json.dumps(operations), encoding="utf-8")
    icarus = runner.get_runner("icarus")
    icarus.build(sources=sources, hdl_toplevel=name, build_dir=folder, timescale=("1ns", "1ps"), always=True)
    icarus.test(
        hdl_toplevel=name,
        test_module="icarus_bench",
        test_dir=Path(__file__).parent,
        build_dir=folder,
        results_xml=str(folder / "results.xml"),
        extra_env={"DUT": name, "STIMULUS": str(given), "ANSWERS": str(found)},
    )
    return json.loads(found.read_text(encoding="utf-8"))


def test_edc(tmp_path):
    reference = edc_stimulus.random_operations(PARAMETERS.edc, 800, seed=7)
    operations, expected = [], []
    for operation in reference.operations:
        if isinstance(operation, edc_stimulus.Batch):
            operations.append(["batch", operation.words])
            expected.append((operation.index, operation.keep_drafting))
        elif isinstance(operation, edc_stimulus.Verdict):
            operations.append(["verdict", int(operation.accepted)])
        else:
            operations.append(["flush"])
    answers = play("edc", EntropyDraftController(PARAMETERS), operations, tmp_path)
    # The word of a prediction: index, bucket, keep drafting, from the low end.
    low, high = PARAMETERS.edc.index_bits, PARAMETERS.edc.index_bits + PARAMETERS.edc.bucket_bits
    assert [(word & ((1 << low) - 1), bool(word >> high)) for word in answers] == expected


def test_tvc(tmp_path):
    reference = tvc_stimulus.random_operations(PARAMETERS.tvc, 300, seed=7)
    operations, expected = [["ratio", reference.tvc.clock_ratio_units]], []
    for operation in reference.operations:
        if isinstance(operation, tvc_stimulus.Sample):
            operations.append(["sample", int(operation.kind), operation.cycles, operation.length])
        else:
            operations.append(["ask", operation.kv_length, operation.elapsed, operation.unverified])
            expected.append(operation.tokens)
    assert play("tvc", TimeAwareVerificationController(PARAMETERS), operations, tmp_path) == expected
