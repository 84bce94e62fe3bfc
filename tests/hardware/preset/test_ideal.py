"""What each ideal option takes away from a machine, and nothing else."""

from typing import Any

import pytest

from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.ideal import NO_CAP_W, idealised
from ahasd.hardware.preset.preset import load_preset

HARDWARE = load_preset("module-mac").hardware


def changes(before: Hardware, after: Hardware) -> dict[str, Any]:
    """Constants that differ, with their new values."""
    old, new = before.model_dump(), after.model_dump()
    return {
        f"{section}.{key}": new[section][key]
        for section, constants in old.items()
        if isinstance(constants, dict)
        for key, value in constants.items()
        if new[section][key] != value
    }


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (
            "ideal_control_latency",
            {"cpu.queue_transfer_us": 0, "cpu.decision_us": 0, "cpu.polling_us": 0},
        ),
        ("ideal_gating", {"pim.gate_switch_cycles": 0}),
        ("ideal_mode_switch", {"pim.mode_switches": False, "pim.launch_us": 0}),
        ("ideal_power", {"pim.power_cap_w": NO_CAP_W}),
        ("ideal_refresh", {"memory.refresh_rate": 0}),
        ("ideal_bus_sharing", {}),
    ],
)
def test_an_option_takes_away_its_own_limit_alone(option: str, expected: dict[str, Any]) -> None:
    found = changes(HARDWARE, idealised(HARDWARE, [option]))
    assert {key: value for key, value in expected.items() if HARDWARE.constant(key) != value} == found
    assert found or not expected


def test_options_add_up() -> None:
    options = ["ideal_control_latency", "ideal_gating", "ideal_mode_switch", "ideal_power", "ideal_refresh"]
    together = changes(HARDWARE, idealised(HARDWARE, options))
    apart = [changes(HARDWARE, idealised(HARDWARE, [option])) for option in options]
    assert together == {key: value for each in apart for key, value in each.items()}


def test_a_machine_without_memory_or_pim_stays_without() -> None:
    gpus = load_preset("two-a100-40gb").hardware
    bare = idealised(gpus, ["ideal_refresh", "ideal_gating"])
    assert (bare.memory, bare.pim) == (gpus.memory, gpus.pim)
