"""The closed form of the dataflows against SCALE-Sim's rows and against a fold-by-fold count."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.npu.systolic import systolic_cycles

REFERENCE = Path(__file__).parents[2] / "reference" / "scalesim_gemm.csv"
FLOWS = st.sampled_from(["ws", "os", "is"])
SIDES = st.integers(1, 40)
SIZES = st.integers(1, 200)


def reference_rows():
    with REFERENCE.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", reference_rows(), ids=lambda row: "-".join(row.values()))
def test_every_scalesim_row_is_exact(row):
    array, m, n, k = (int(row[name]) for name in ("array", "M", "N", "K"))
    assert systolic_cycles(row["dataflow"], array, array, m, n, k) == int(row["compute_cycles"])


def fold_by_fold(flow, rows, columns, m, n, k):
    """Walk over the folds; of each, follow one wave front from the first operand to the last result."""
    down, across, stream = {"ws": (k, n, m), "os": (m, n, k), "is": (k, m, n)}[flow]
    clock = 0
    for _ in range(0, down, rows):
        for _ in range(0, across, columns):
            if flow != "os":
                clock += rows  # one row of the stationary operand per cycle
            last = stream - 1  # the last vector enters the corner
            clock += last + (rows - 1) + (columns - 1) + 1  # and its last element reaches the far corner
    return clock - 1  # number of the last cycle, counted from zero


@given(FLOWS, SIDES, SIDES, SIZES, SIZES, SIZES)
def test_closed_form_is_the_sum_over_folds(flow, rows, columns, m, n, k):
    assert systolic_cycles(flow, rows, columns, m, n, k) == fold_by_fold(flow, rows, columns, m, n, k)


@given(FLOWS, SIDES, SIDES, SIZES, SIZES, SIZES, st.sampled_from("mnk"), st.booleans())
def test_monotone_in_every_dimension(flow, rows, columns, m, n, k, grown, overlap):
    sizes = {"m": m, "n": n, "k": k}
    before = systolic_cycles(flow, rows, columns, *sizes.values(), overlap=overlap)
    sizes[grown] += 1
    assert systolic_cycles(flow, rows, columns, *sizes.values(), overlap=overlap) >= before


@given(FLOWS, SIDES, SIDES, SIZES, SIZES, SIZES)
def test_overlap_helps_and_never_beats_the_array(flow, rows, columns, m, n, k):
    overlapped = systolic_cycles(flow, rows, columns, m, n, k, overlap=True)
    assert overlapped * rows * columns >= m * n * k
    assert overlapped <= systolic_cycles(flow, rows, columns, m, n, k) + 1


def test_overlapped_example_by_hand():
    # Two folds of a 4×4 weight-stationary array, 10 rows: preload 4, stream 2 × 10, skew 6.
    assert systolic_cycles("ws", 4, 4, 10, 8, 4, overlap=True) == 30


def test_bad_input_is_named():
    with pytest.raises(UnknownNameError, match="unknown dataflow 'rs'"):
        systolic_cycles("rs", 4, 4, 1, 1, 1)
    with pytest.raises(AhasdError, match="N is 0"):
        systolic_cycles("ws", 4, 4, 1, 0, 1)
