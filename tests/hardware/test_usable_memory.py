"""What devices leave of their memory to a model, against what people read off."""

import pytest

from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.hardware.measured.devices.known_device import KnownDevice, known_devices
from ahasd.hardware.measured.devices.usable_memory import usable_memory


@pytest.mark.parametrize(
    ("device", "sold", "read_off", "tolerance"),
    [
        ("Apple M1 Pro (16-core GPU)", 16e9, 10922.67 * 2**20, 0.01),
        ("Apple M2 Max (38-core GPU)", 32e9, 21845.34 * 2**20, 0.01),
        ("Apple M1 Max (32-core GPU)", 64e9, 49152 * 2**20, 0.01),
        ("Apple M4 Max (40-core GPU)", 128e9, 107.52 * 2**30, 0.01),
        ("Apple A17 Pro", 8e9, 6 * 2**30, 0.07),
        ("Jetson Orin Nano 8GB", 8e9, 5.2 * 2**30, 0.01),
        ("RTX 3090", 24e9, 24 * 2**30, 0.03),
    ],
)
def test_shares_are_those_that_people_read_off(
    device: str, sold: float, read_off: float, tolerance: float
) -> None:
    assert usable_memory(find_device(device), sold).usable == pytest.approx(read_off, rel=tolerance)


@pytest.mark.parametrize("device", known_devices(), ids=lambda device: device.name)
def test_more_memory_is_never_less_use(device: KnownDevice) -> None:
    usable = [usable_memory(device, size * 1e9) for size in (4, 8, 16, 32, 36, 48, 64, 96, 128, 512)]
    assert [each.usable for each in usable] == sorted(each.usable for each in usable)
    shared = device.kind in ("mac", "phone", "laptop", "edge", "sbc")
    assert all((each.why != "") == shared for each in usable)


def test_what_is_usable_of_a_size_is_no_size_of_its_own() -> None:
    assert find_device("Jetson Orin Nano 8GB").capacities == (8e9,)
    assert find_device("Snapdragon 8 Elite (SM8750)").capacities == (12e9, 16e9, 24e9)
