"""The table of devices that people own, and what names mean in it."""

import csv
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device, matching_devices
from ahasd.hardware.measured.devices.known_device import known_devices

PUBLISHED = Path(__file__).parent.parent / "reference" / "field" / "devices.csv"


def test_the_package_says_what_was_published() -> None:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = {row["device"]: row for row in csv.DictReader(file)}
    assert len(rows) == 84
    devices = {device.name: device for device in known_devices()}
    for name, row in rows.items():
        for text, figure in (
            (row["bandwidth_gb_s"], devices[name].peak_bandwidth),
            (row["measured_bandwidth_gb_s"], devices[name].achieved_bandwidth),
        ):
            assert figure == (pytest.approx(float(text) * 1e9) if text else None), name
        assert devices[name].source == row["source"]
        assert row["unverified_fields"] in devices[name].unverified


def test_no_device_reaches_more_than_its_peak_and_each_name_stands_once() -> None:
    devices = known_devices()
    assert len({device.name for device in devices}) == len(devices)
    for device in devices:
        if device.peak_bandwidth and device.achieved_bandwidth:
            assert device.achieved_bandwidth < device.peak_bandwidth


def test_a_figure_without_a_page_is_marked() -> None:
    for device in known_devices():
        if device.source == "(no page read)":
            assert device.is_recalled, device.name
        # Rates of cores come from one page; all others were recalled.
        if device.vector_rate and "hardware.ts" not in device.source + device.notes:
            assert device.is_recalled or "vector_tflops" in device.unverified, device.name


def test_every_name_of_the_table_means_itself() -> None:
    assert all(find_device(device.name) == device for device in known_devices())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RTX 3090 24GB (overclocked)", ["RTX 3090"]),
        ("RTX 3090 Ti 24GB", ["RTX 3090 Ti"]),
        ("2x RTX 4090", ["RTX 4090"]),
        ("RTX 5090 Ti", []),
        ("Tesla T4 Ultra", []),
        ("M3 Ultra (60-core GPU)", ["Apple M3 Ultra (60-core GPU)"]),
        ("M1", ["Apple M1 (7-core GPU)", "Apple M1 (8-core GPU)"]),
        ("a phone with Snapdragon 8 Elite", ["Qualcomm Snapdragon 8 Elite (SM8750)"]),
        ("Strix Halo", ["AMD Ryzen AI Max+ 395 (Radeon 8060S)"]),
        ("something else", []),
    ],
)
def test_texts_mean_devices(text: str, names: list[str]) -> None:
    assert [device.name for device in matching_devices(text)] == names


def test_a_name_that_fits_two_is_refused_with_both() -> None:
    with pytest.raises(
        AhasdError, match=r"'M3 Max' fits 2 devices: 'Apple M3 Max \(30-.*' and 'Apple M3 Max \(40-"
    ):
        find_device("M3 Max")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(AhasdError, match="RTX 3090"):
        find_device("RTX 3091")
