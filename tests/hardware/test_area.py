"""The area of what computes."""

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.area import area_mm2, area_parts_mm2
from ahasd.hardware.preset.preset import load_preset

MACHINE = load_preset("module-mac").hardware


def test_the_tpu_s_own_matrix_unit_takes_its_share_of_the_die() -> None:
    tpu = MACHINE
    for key, value in (("npu.chips", "1"), ("npu.array_rows", "256"), ("npu.array_columns", "256")):
        tpu = assign(tpu, key, value)
    less = assign(tpu, "npu.array_rows", "128")
    assert area_parts_mm2(tpu)["npu"] - area_parts_mm2(less)["npu"] == pytest.approx(0.24 * 331 / 2)


def test_hbm_pim_s_own_units_take_their_published_area() -> None:
    # 32 units of 16 FP16 lanes at 300 MHz.
    unit = assign(assign(MACHINE, "pim.clock_ghz", "0.3"), "pim.gmac_per_second", str(32 * 16 * 0.3 / 0.5))
    assert area_parts_mm2(unit)["pim"] == pytest.approx(32 * 0.712)


def test_chips_count_and_parts_add_up() -> None:
    one, two = (area_parts_mm2(assign(MACHINE, "npu.chips", chips)) for chips in ("1", "2"))
    assert two["npu"] == pytest.approx(2 * one["npu"])
    assert (one["pim"], one["aau"]) == (two["pim"], two["aau"]) == (pytest.approx(64 * 0.0445), 1.25)
    assert area_mm2(MACHINE) == pytest.approx(sum(area_parts_mm2(MACHINE).values()))


def test_a_module_that_does_not_compute_takes_none() -> None:
    assert set(area_parts_mm2(load_preset("lpddr5").hardware)) == {"npu"}


def test_the_area_of_a_gpu_is_not_known() -> None:
    with pytest.raises(AhasdError, match="it has a GPU"):
        area_mm2(load_preset("rtx-4090-laptop").hardware)
