"""What a result says of a machine that was changed."""

import pytest

from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset
from ahasd.speculation.hardware_notes import hardware_notes

NPU, BOTH = frozenset({"npu"}), frozenset({"npu", "pim"})


def notes(
    *changes: str,
    works: frozenset[str] = BOTH,
    fidelity: Fidelity = Fidelity.DETAILED,
    preset: str = "module-mac",
) -> list[str]:
    return hardware_notes(override(load_preset(preset), changes), works, fidelity)


def test_a_machine_as_it_is_measured_needs_no_word() -> None:
    assert notes() == []
    assert notes("npu.array_rows=32", "npu.array_columns=32") == []


@pytest.mark.parametrize("change", ["npu.array_rows=64", "npu.array_columns=32"])
def test_an_array_that_no_measurement_covers_is_named(change: str) -> None:
    (note,) = notes(change)
    assert "is not among those that reference measurements cover (32x32 and 128x128)" in note
    assert notes(change, fidelity=Fidelity.FIRST_ORDER) == []
    assert notes(change, works=frozenset({"pim"})) == []


@pytest.mark.parametrize("key", ["memory.channels", "memory.ranks_per_channel"])
def test_totals_that_more_ranks_share_are_named_with_what_each_rank_has(key: str) -> None:
    (note,) = notes(f"{key}=8")
    assert f"totals of the module are held while {key} changed" in note
    # 102.4 G MAC/s, 256 GB/s and 4 W over 32 ranks.
    assert "pim.gmac_per_second 102.4 (3.2 G MAC/s a rank)" in note
    assert "pim.gb_per_second 256 (8 GB/s a rank)" in note
    assert "pim.power_cap_w 4 (0.125 W a rank)" in note
    assert notes(f"{key}=8", works=NPU) == []
    assert notes(f"{key}=8", preset="lpddr5") == []
