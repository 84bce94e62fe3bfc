"""Bonded devices: legal elements, capacity, power, area, distances."""

from itertools import product

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.bonded.bonded_device import (
    BondedDevice,
    bonded_names,
    change_bonded,
    load_bonded,
    parse_bonded,
)
from ahasd.hardware.bonded.processing_element import ProcessingElement, most_units

#: Points of H2-LLM's artifact: units, clocks, rate to the bank.
LEGAL = [
    (8, (400, 600, 800, 1000), 6.4),
    (8, (400, 600, 800), 12.8),
    (4, (1000,), 12.8),
    (8, (400, 600), 25.6),
    (4, (800, 1000), 25.6),
    (8, (400,), 51.2),
    (4, (600, 800), 51.2),
    (2, (1000,), 51.2),
]


def element(units: int, mhz: float, rate: float) -> ProcessingElement:
    return ProcessingElement(
        units=units, mhz=mhz, bank_gb_s=rate, input_kib=64, output_kib=32, weight_kib=128
    )


@pytest.mark.parametrize(
    ("units", "mhz", "rate"), [(units, mhz, rate) for units, clocks, rate in LEGAL for mhz in clocks]
)
def test_the_artifacts_points_are_legal_and_none_with_more_units(units: int, mhz: float, rate: float) -> None:
    assert element(units, mhz, rate).macs_per_second == units * 16 * mhz * 1e6
    assert most_units(mhz, rate) == units
    with pytest.raises(ValueError, match=f"at most {units} units fit there"):
        element(units + 1, mhz, rate)


@pytest.mark.parametrize(("mhz", "rate"), [(300, 6.4), (1200, 6.4), (800, 102.4), (800, 7.0)])
def test_points_that_nobody_found_to_work_are_refused(mhz: float, rate: float) -> None:
    with pytest.raises(ValueError, match="no such point is known"):
        element(1, mhz, rate)


@pytest.mark.parametrize("name", bonded_names())
def test_presets_say_where_their_constants_are_from(name: str) -> None:
    device = load_bonded(name)
    parts = {"banks", "element", "routers", "npu", "energy", "area"}
    assert device.sources.keys() == parts
    assert all(len(source) > 20 for source in device.sources.values())
    assert device.peak_w > device.energy.static_w
    assert parse_bonded(device.model_dump(mode="json")) == device


def test_the_default_is_h2llms_memory_and_an_element_of_eight_units_has_its_published_area() -> None:
    device = load_bonded("HB-H2LLM")
    assert (device.bank_count, device.capacity_bytes) == (128, 32 * 2**30)
    assert device.bytes_per_second == pytest.approx(128 * 25.6e9)
    # 6.76 mm2 of a published element; buffers are ours within its range.
    assert load_bonded("hb-h2llm-wide").element_mm2 == pytest.approx(6.76, rel=0.01)


def test_peak_power_is_reading_and_multiplying() -> None:
    device = load_bonded("hb-h2llm")
    reading = 128 * 25.6e9 * 8 * 1.27e-12
    multiplying = 128 * 4 * 16 * 800e6 * 1.365e-12
    assert device.peak_w == pytest.approx(reading + multiplying + 2.0)


def test_mean_hops_is_the_mean_over_all_pairs_of_banks() -> None:
    device = change_bonded(load_bonded("hb-h2llm"), "banks.channels", "3")
    places = np.array(list(product(range(3), range(16))))
    distances = np.abs(places[:, None] - places[None]).sum(axis=2)
    assert device.mean_hops == pytest.approx(distances.mean())


def test_changes_are_checked() -> None:
    device = load_bonded("hb-h2llm")
    assert isinstance(change_bonded(device, "element.units", "2"), BondedDevice)
    with pytest.raises(AhasdError, match="at most 4 units fit there"):
        change_bonded(device, "element.units", "8")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'banks\.channels'"):
        change_bonded(device, "banks.chanels", "8")
    with pytest.raises(UnknownNameError, match="unknown bonded device"):
        load_bonded("hb-h2lm")
    with pytest.raises(AhasdError, match="does not exist"):
        load_bonded("./none.yaml")
