"""The NPU against ONNXim's rows."""

import csv
from pathlib import Path

import pytest

from ahasd.errors import UnknownNameError
from ahasd.hardware.npu.systolic import gemm, machine

REFERENCE = Path(__file__).parents[2] / "reference" / "onnxim_gemm.csv"


def reference_rows():
    with REFERENCE.open(newline="") as file:
        return list(csv.DictReader(file))


def predict(row):
    measured = machine(row["config"])
    return gemm(measured.npu, measured.port, *(int(row[name]) for name in "MNK"))


@pytest.mark.parametrize("row", reference_rows(), ids=lambda row: "-".join(row.values()))
def test_every_onnxim_row(row):
    cost = predict(row)
    assert cost.dram_reads == int(row["dram_reads_32B"])
    assert cost.dram_writes == int(row["dram_writes_32B"])
    assert cost.cycles == pytest.approx(int(row["cycles"]), rel=0.03)


def test_mean_error_of_all_rows():
    errors = [abs(predict(row).cycles / int(row["cycles"]) - 1) for row in reference_rows()]
    assert sum(errors) / len(errors) <= 0.01


def test_unknown_machine_names_the_known_ones():
    with pytest.raises(UnknownNameError, match="128_hbm2"):
        machine("96_hbm2")


@pytest.mark.parametrize(("name", "spelt_out"), [("32_lpddr5", "32_lpddr5x1"), ("128_hbm2", "128_hbm2x16")])
def test_a_machine_without_a_number_of_channels_has_those_of_its_memory(name, spelt_out):
    assert machine(name) == machine(spelt_out)
