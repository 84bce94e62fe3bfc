"""Loads of products on a channel, worked out from the counts of their commands."""

from dataclasses import replace

import pytest

from ahasd.hardware.channel.loads import product_loads
from ahasd.hardware.channel.slot_conflicts import share_lost
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.command_counts import gemv_counts
from ahasd.hardware.pim.commands import PimGeometry, PimOptions, pim_command_model

AHASD = load_timing_set("ahasd")
TIMING = AHASD.timing
CYCLE_S = TIMING.tCK_ns * 1e-9
RANK = PimGeometry(
    channels=1, ranks=1, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip
SHAPE = (256, 3000, 1)
#: 24 cycles: twelve slots of two, a multiple of the two slots from one burst of the stream to the next.
IN_STEP = PimOptions(mac_cycles=24, slot_cycles=2)
COUNTS = gemv_counts(TIMING, RANK, IN_STEP, *SHAPE)
QUIET = pim_command_model(TIMING, RANK, IN_STEP).gemv(*SHAPE, refresh=False)
TURN = TIMING.tRP + TIMING.tRCDRD


def loads(options=IN_STEP, **given):
    return product_loads(TIMING, AHASD.organisation, RANK, options, SHAPE, **given)


def test_a_product_alone_takes_its_commands_and_its_runs_hold_the_bus() -> None:
    product, crossing = loads(refresh=False)
    assert product.seconds == pytest.approx(QUIET * CYCLE_S)
    assert product.data_seconds == pytest.approx(COUNTS.data * CYCLE_S)
    assert product.data_runs == COUNTS.runs
    assert crossing.seconds == crossing.data_runs == 0
    known, _ = loads(refresh=False, quiet_cycles=5000.0)
    assert known.seconds == pytest.approx(5000 * CYCLE_S)
    assert known.data_seconds == product.data_seconds


def test_agents_wait_for_each_other_s_runs_and_for_slots() -> None:
    for agents in (2, 3):
        product, _ = loads(refresh=False, agents=agents)
        waits = (agents - 1) * (COUNTS.longest + TIMING.tRTRS)
        assert product.seconds == pytest.approx((QUIET + waits) * CYCLE_S)
        assert product.data_seconds == pytest.approx(agents * COUNTS.data * CYCLE_S)
        assert product.data_runs == agents * COUNTS.runs
    fast = PimOptions()
    counts = gemv_counts(TIMING, RANK, fast, *SHAPE)
    ((pace, columns),) = counts.columns.items()
    assert pace == TIMING.tCCDL
    five, _ = loads(fast, refresh=False, agents=5)  # of two cycles a command
    quiet = pim_command_model(TIMING, RANK, fast).gemv(*SHAPE, refresh=False)
    waits = 4 * (counts.longest + TIMING.tRTRS) + columns * (5 * TIMING.command_cycles - pace)
    assert five.seconds == pytest.approx((quiet + waits) * CYCLE_S)


def test_what_is_read_and_written_after_it_opens_a_row_each() -> None:
    burst = max(TIMING.tCCDS, TIMING.burst_cycles)
    _, both = loads(refresh=False, crossing_bursts=(7, 5))
    assert both.seconds == pytest.approx((12 * burst + 2 * TURN) * CYCLE_S)
    assert (both.data_seconds, both.data_runs) == (pytest.approx(12 * burst * CYCLE_S), 2)
    _, one = loads(refresh=False, crossing_bursts=(0, 5))
    assert one.seconds == pytest.approx((5 * burst + TURN) * CYCLE_S)
    assert one.data_runs == 1
    assert one.displaced_seconds == 0
    # Of three agents two wait for what the longest transfer exceeds the longest run of the product by.
    long = COUNTS.longest // burst + 10
    _, apart = loads(refresh=False, crossing_bursts=(3, long), agents=3)
    behind = 2 * (long * burst - COUNTS.longest)
    assert apart.seconds == pytest.approx(((3 + long) * burst + 2 * TURN + behind) * CYCLE_S)
    assert apart.data_seconds == pytest.approx(3 * (3 + long) * burst * CYCLE_S)
    assert apart.data_runs == 6


@pytest.mark.parametrize("agents", [1, 3])
def test_refreshes_of_any_rank_hold_up_all(agents: int) -> None:
    """After x intervals each has met floor(x) of them, and one more with the chance of what is left."""
    quiet = 2.25 * TIMING.tREFI
    waits = (agents - 1) * (COUNTS.longest + TIMING.tRTRS)
    product, crossing = loads(agents=agents, quiet_cycles=quiet - waits)
    stalls = (2 + 1 - 0.75**agents) * (TIMING.tRFC + TURN)
    assert product.seconds == pytest.approx((quiet + stalls) * CYCLE_S)
    assert crossing.seconds == 0
    burst = max(TIMING.tCCDS, TIMING.burst_cycles)
    moved = 10 * burst + TURN
    product, crossing = loads(quiet_cycles=quiet - moved, crossing_bursts=(10, 0))
    stretch = 1 + (2 + 0.25) * (TIMING.tRFC + TURN) / quiet
    assert product.seconds == pytest.approx((quiet - moved) * stretch * CYCLE_S)
    assert crossing.seconds == pytest.approx(moved * stretch * CYCLE_S)


@pytest.mark.parametrize(("pace", "in_step"), [(24, True), (26, False)])
def test_a_command_out_of_step_costs_a_slot_and_a_row_half_a_slot_to_close_and_more_to_open(
    pace: int, in_step: bool
) -> None:
    """With two slots to a burst a command meets one that the stream wants every other time.

    An activate takes two slots in a row: the stream waits for both or for one. Out of step with its own pace an agent
    pushes the stream back until that follows it, and meets it again in the next interval.
    """
    options = PimOptions(mac_cycles=pace, slot_cycles=2)
    counts = gemv_counts(TIMING, RANK, options, *SHAPE)
    assert set(counts.columns) == {pace, TIMING.tCCDL}  # results are written back every three slots
    slots = (counts.activates + counts.overhang) * 0.5 + counts.activates * (1.0 + 0.5)
    slots += counts.columns[TIMING.tCCDL] + (0 if in_step else counts.columns[pace])
    product, _ = loads(options, refresh=False)
    assert product.displaced_seconds == pytest.approx(slots * TIMING.command_cycles * CYCLE_S)


def test_a_stream_that_needs_every_slot_loses_what_agents_take() -> None:
    """In rows of one burst it needs an activate and a precharge for each: more slots than there are."""
    short = replace(AHASD.organisation, row_bytes=AHASD.organisation.burst_bytes)
    options = PimOptions(mac_cycles=24, slot_cycles=2)
    crowded, _ = product_loads(TIMING, short, RANK, options, SHAPE, refresh=False)
    roomy, _ = loads(options, refresh=False)
    assert crowded.displaced_seconds > roomy.displaced_seconds


def test_agents_meet_a_stream_as_often_as_chance_has_them_compute_together() -> None:
    """Two agents at 13 slots: one of them, or both, by the share of the time in which each has columns to read."""
    options = PimOptions(mac_cycles=26, slot_cycles=2)
    counts = gemv_counts(TIMING, RANK, options, *SHAPE)
    product, _ = loads(options, refresh=False, agents=2)
    cycles = product.seconds / CYCLE_S
    held = counts.data / cycles
    rows = (counts.activates + counts.overhang) * 0.5 + counts.activates * 1.5
    expected = 2 * rows * TIMING.command_cycles * (1 - held)
    per_burst = 1 + 3 / AHASD.organisation.bursts_per_row
    per_burst += (3 * AHASD.organisation.banks + 1) / (TIMING.tREFI / TIMING.burst_cycles)
    for pace, count in counts.columns.items():
        slots, share = pace // 2, count * pace / cycles / (1 - held)
        for chance, active in ((2 * share * (1 - share), 1), (share**2, 2)):
            expected += cycles * (1 - 2 * held) * chance * share_lost(active, slots, 2, per_burst / 2)
    assert product.displaced_seconds == pytest.approx(expected * CYCLE_S)
