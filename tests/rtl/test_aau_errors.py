"""How far the AAU is from the functions that it stands for."""

from math import erf
from pathlib import Path

import numpy as np
import pytest

import ahasd
from ahasd.rtl.aau import exact_functions as exact
from ahasd.rtl.aau.errors import operation_errors, table_errors
from ahasd.rtl.aau.exact_functions import relative_error
from ahasd.rtl.aau.floats import aau_rms_norm, aau_silu, aau_softmax
from ahasd.rtl.aau.layer import AAU, EXACT, ROUNDED, Decoder

TARGET = Path(ahasd.__file__).parent / "decoding" / "tiny_pair" / "target" / "model.safetensors"


def test_exact_functions_by_hand():
    x = np.array([-1.0, 0.0, 2.0])
    assert exact.gelu(x) == pytest.approx([-(1 - erf(0.5**0.5)) / 2, 0.0, 1 + erf(2**0.5)])
    assert exact.silu(x)[2] == pytest.approx(2 / (1 + np.exp(-2)))
    assert exact.softmax(np.log([[1.0, 3.0]])) == pytest.approx(np.array([[0.25, 0.75]]))
    assert exact.layer_norm(np.array([[1.0, 3.0]])) == pytest.approx(np.array([[-1.0, 1.0]]))
    normal = exact.rms_norm(np.array([[3.0, 4.0]]), np.array([2.0]))
    assert normal * 12.5**0.5 == pytest.approx(np.array([[6.0, 8.0]]))


def test_straight_pieces_err_by_no_more_than_their_curvature_allows():
    # A chord of width h errs by h² / 8 · |f''|, half of that when balanced; f'' is at most 0.48, 0.8 and 0.5.
    bounds = {"2^-f": 1 / 32, "max(x, 0) - GELU(x)": 4 / 32, "max(x, 0) - SiLU(x)": 8 / 32}
    curvature = {"2^-f": 0.481, "max(x, 0) - GELU(x)": 0.798, "max(x, 0) - SiLU(x)": 0.5}
    for row in table_errors():
        # And by two roundings to 2^-15, and a place within a piece that is rounded down to 1/128 of it.
        place = bounds[row.name] / 128
        assert row.largest <= bounds[row.name] ** 2 / 16 * curvature[row.name] + 2**-14 + place
        assert row.mean < row.largest / 2


def test_every_operation_stays_within_three_quarters_of_a_step_but_for_a_probability_of_one():
    rows = operation_errors()
    assert {row.name.split(" of ")[0] for row in rows} == {
        "GELU",
        "SiLU",
        "softmax",
        "layer norm",
        "RMS norm",
    }
    for row in rows:
        assert row.largest_steps <= (1.0 if row.name.startswith("softmax") else 0.75), row
        assert row.mean_steps <= 0.3, row


def test_a_flat_softmax_of_a_long_context_keeps_its_sum():
    scores = np.random.default_rng(1).normal(0, 0.1, (1, 16384))
    assert aau_softmax(scores).sum() == pytest.approx(1, abs=0.005)


def test_masked_scores_get_nothing_wherever_they_are():
    found = aau_softmax(np.array([[-np.inf, 1.0, -np.inf, 1.0, 1.0]]))
    # 2^-9 is a step: 1/3 is 170.7 of them.
    assert (found * 512).tolist() == [[0, 171, 0, 171, 171]]


def test_vectors_between_floats_come_out_within_one_percent_of_their_largest():
    rows = np.random.default_rng(2).normal(0, 3, (4, 64))
    gain = np.random.default_rng(3).normal(1, 0.1, 64)
    for found, wanted in (
        (aau_silu(rows), exact.silu(rows)),
        (aau_rms_norm(rows, gain), exact.rms_norm(rows, gain)),
        (aau_softmax(rows), exact.softmax(rows)),
    ):
        assert np.abs(found - wanted).max() <= 0.02 * np.abs(wanted).max()


def test_a_real_layer_changes_by_a_few_percent_and_less_than_by_rounding_alone():
    decoder = Decoder(TARGET, heads=4)
    x = decoder.embed(np.random.default_rng(0).integers(1, 1024, 48).tolist())
    left = decoder.layer(x, 0, EXACT)
    aau, rounded = (relative_error(decoder.layer(x, 0, vector) - x, left - x) for vector in (AAU, ROUNDED))
    assert 0.001 < aau < 0.04
    assert aau < rounded
