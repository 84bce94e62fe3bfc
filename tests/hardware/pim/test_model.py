"""Breakdown, options and refusals."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands import (
    HBM2_PIM,
    PimCommandModel,
    PimOptions,
    elementwise_cycles,
    gemv_cycles,
)


def test_geometry_of_the_measured_machine_follows_from_its_parts() -> None:
    assert HBM2_PIM.lanes == 16
    assert HBM2_PIM.tile_inputs == 128
    assert HBM2_PIM.pass_outputs == 4096
    assert HBM2_PIM.round_elements == 131_072
    assert HBM2_PIM.macs_per_column == 8192


@pytest.mark.parametrize("refresh", [False, True])
def test_parts_of_a_breakdown_add_up(hbm2: DramTiming, refresh: bool) -> None:
    model = PimCommandModel(hbm2, HBM2_PIM)
    gemv = model.gemv_breakdown(9000, 2000, 3, refresh)
    assert gemv.total == model.gemv(9000, 2000, 3, refresh)
    assert min(gemv.compute, gemv.row_switches, gemv.turnarounds, gemv.write_back) > 0
    assert (gemv.refresh > 0) == refresh


def test_compute_part_is_the_column_reads_at_their_interval(hbm2: DramTiming) -> None:
    parts = PimCommandModel(hbm2, HBM2_PIM).gemv_breakdown(4096, 1280, refresh=False)
    assert parts.compute == 10 * 64 * hbm2.tCCDL
    assert parts.register_writes == 10 * 8 * hbm2.tCCDL


def test_by_hand_an_even_tile_waits_for_its_rows_and_turnarounds(hbm2: DramTiming) -> None:
    """Between even tiles: register row and data rows are in different banks, so only the second row waits."""
    model = PimCommandModel(hbm2, replace(HBM2_PIM, blocks=8))
    odd_and_even = model.gemv(4096, 2560, refresh=False) - model.gemv(4096, 2304, refresh=False)
    burst = 2
    read_to_write = hbm2.RL + burst + hbm2.tRTRS - hbm2.WL
    write_to_read = hbm2.WL + burst + hbm2.tWTRL
    new_row = burst + 1 + hbm2.tRP + hbm2.tRCDRD  # the last read's data, tRTPL beyond tCCDL, close, open
    columns = 7 * 4 + 31 * 4 + 31 * 4
    even = read_to_write + write_to_read + new_row + columns
    # On the odd bank the registers' row has to be opened and closed as well.
    to_registers = burst + 1 + hbm2.tRP + hbm2.tRCDWR
    to_data = hbm2.WL + burst + hbm2.tWR + hbm2.tRP + hbm2.tRCDRD
    odd = to_registers + to_data + new_row + columns
    assert odd_and_even == even + odd


def test_weight_reuse_reads_less_but_writes_as_many_registers(hbm2: DramTiming) -> None:
    once = PimCommandModel(hbm2, HBM2_PIM).gemv_breakdown(8192, 2048, 4, refresh=False)
    shared = PimCommandModel(hbm2, HBM2_PIM, PimOptions(weight_reuse=4)).gemv_breakdown(
        8192, 2048, 4, refresh=False
    )
    assert shared.compute * 4 == once.compute
    assert shared.register_writes == once.register_writes
    assert shared.write_back == once.write_back


def test_a_slow_unit_bounds_the_column_rate(hbm2: DramTiming) -> None:
    model = PimCommandModel(hbm2, HBM2_PIM, PimOptions(weight_reuse=2, mac_cycles=4.5))
    parts = model.gemv_breakdown(4096, 1280, 2, refresh=False)
    assert parts.compute == 10 * 64 * 9


def test_lockstep_ranks_compute_more_outputs_at_once(hbm2: DramTiming) -> None:
    both = replace(HBM2_PIM, lockstep_ranks=2)
    assert gemv_cycles(hbm2, both, 8192, 1024, refresh=False) == gemv_cycles(
        hbm2, HBM2_PIM, 4096, 1024, refresh=False
    )


def test_refresh_costs_about_its_share_of_time(hbm2: DramTiming) -> None:
    quiet = gemv_cycles(hbm2, HBM2_PIM, 16384, 8192, refresh=False)
    refreshed = gemv_cycles(hbm2, HBM2_PIM, 16384, 8192)
    refreshes = refreshed // hbm2.tREFI
    per_refresh = (refreshed - quiet) / refreshes
    assert hbm2.tRFC < per_refresh < hbm2.tRFC + hbm2.tRP + hbm2.tRC


@pytest.mark.parametrize(("outputs", "inputs", "batch"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_empty_products_are_refused(hbm2: DramTiming, outputs: int, inputs: int, batch: int) -> None:
    with pytest.raises(AhasdError, match="at least 1"):
        gemv_cycles(hbm2, HBM2_PIM, outputs, inputs, batch)


def test_bad_input_is_named(hbm2: DramTiming) -> None:
    with pytest.raises(UnknownNameError, match="element-wise operation 'sub'"):
        elementwise_cycles("sub", hbm2, HBM2_PIM, 10)
    with pytest.raises(AhasdError, match="length of at least 1"):
        elementwise_cycles("add", hbm2, HBM2_PIM, 0)
    with pytest.raises(AhasdError, match="weight_reuse=5"):
        PimOptions(weight_reuse=5)
    with pytest.raises(AhasdError, match="mac_cycles"):
        PimOptions(mac_cycles=-1.0)
    with pytest.raises(AhasdError, match="one bank or two"):
        replace(HBM2_PIM, blocks=4)
    with pytest.raises(AhasdError, match="channels must be"):
        replace(HBM2_PIM, channels=0)
    with pytest.raises(AhasdError, match="lockstep"):
        replace(HBM2_PIM, lockstep_ranks=3)
    with pytest.raises(AhasdError, match="tFAW"):
        PimCommandModel(replace(hbm2, tFAW=0), HBM2_PIM, PimOptions(activation_window=True))
