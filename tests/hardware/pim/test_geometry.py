"""The shape of computing banks: sums by hand for the measured machine, and shapes that cannot be."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.pim.commands import HBM2_PIM, MEASURED, PimOptions


def test_the_measured_machine_by_hand() -> None:
    """Registers of 32 B hold 16 elements of FP16; 8 blocks in each of 64 channels, a rank of two computes."""
    shape = HBM2_PIM
    assert shape.lanes == 16
    assert shape.banks_per_block == 2
    assert shape.tile_inputs == 8 * 16
    assert shape.tile_columns == 8 * 8
    assert shape.pass_outputs == 8 * 8 * 64
    assert shape.macs_per_column == 16 * 8 * 64
    assert shape.round_elements == 8 * 16 * 16 * 64
    assert [shape.bank_group(bank) for bank in (0, 3, 4, 15)] == [0, 0, 1, 3]


def test_ranks_in_lockstep_add_up() -> None:
    both = replace(HBM2_PIM, lockstep_ranks=2)
    assert both.pass_outputs == 2 * HBM2_PIM.pass_outputs
    assert both.round_elements == 2 * HBM2_PIM.round_elements
    assert both.macs_per_column == 2 * HBM2_PIM.macs_per_column


@pytest.mark.parametrize(("columns", "period"), [(64, 1), (32, 1), (16, 2), (12, 8), (1, 32), (31, 32)])
def test_pieces_start_at_the_start_of_a_row_again(columns: int, period: int) -> None:
    """Rows of 32 columns."""
    assert HBM2_PIM.row_period(columns) == period
    starts = [piece * columns % 32 for piece in range(1, period + 1)]
    assert starts.index(0) == period - 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channels": 0}, "channels must be a whole number of at least 1, not 0"),
        ({"ranks": 1.5}, "ranks must be a whole number of at least 1, not 1.5"),
        ({"input_registers": True}, "input_registers must be a whole number of at least 1, not True"),
        ({"blocks": 4}, "4 blocks for 16 banks"),
        ({"blocks": 7, "banks": 15, "bank_groups": 5}, "15 banks do not divide into 5 groups and 7 blocks"),
        ({"bank_groups": 3}, "16 banks do not divide into 3 groups"),
        ({"lockstep_ranks": 3}, "2 ranks do not divide into sets of 3"),
        ({"element_bytes": 3}, "32 bytes does not hold whole elements of 3"),
        ({"instruction_bytes": 5}, "instructions of 5 bytes"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(changes: dict[str, int], said: str) -> None:
    with pytest.raises(AhasdError, match=f"PIM geometry: .*{said}"):
        replace(HBM2_PIM, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slot_cycles": 0}, "slot_cycles=0 is out of range"),
        ({"weight_reuse": 0}, "weight_reuse=0 is out of range"),
        ({"weight_reuse": 5}, "weight_reuse=5 is out of range"),
        ({"mac_cycles": -1.0}, "mac_cycles=-1.0"),
        ({"read_cycles": float("inf")}, "read_cycles=inf"),
        ({"power_cycles": (0.0, float("nan"))}, "nan"),
    ],
)
def test_paces_that_cannot_be_are_refused(changes: dict[str, float], said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        PimOptions(**changes)


def test_nothing_paces_the_measured_machine_but_its_memory() -> None:
    assert [MEASURED.column_interval(tokens) for tokens in (1, 4)] == [0, 0]
    assert PimOptions() == MEASURED
    assert (MEASURED.weight_reuse, MEASURED.slot_cycles, MEASURED.activation_window) == (1, 1, False)


def test_the_slowest_pace_binds_in_whole_slots() -> None:
    """Compute and power grow with the tokens of a read, the arrays' peak does not."""
    options = PimOptions(weight_reuse=4, mac_cycles=3.0, read_cycles=5.0, power_cycles=(1.0, 2.5))
    assert [options.column_interval(tokens) for tokens in (1, 2, 4)] == [5, 6, 12]
    slots = replace(options, slot_cycles=4)
    assert [slots.column_interval(tokens) for tokens in (1, 2, 4)] == [8, 8, 12]
