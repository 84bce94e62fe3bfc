"""What must hold for any machine: no free work, no work beyond the peak, and extrapolation changes nothing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands import HBM2_PIM, PimCommandModel, PimGeometry, PimOptions

# Multiples of the measured machine's timings, in tenths.
DELAYS = ["RL", "WL", "tCCDS", "tCCDL", "tRCDRD", "tRCDWR", "tRP", "tRAS", "tRC", "tRRDS", "tRRDL"]
DELAYS += ["tRTPS", "tRTPL", "tWR", "tWTRS", "tWTRL", "tRTRS", "tRFC"]
# A longer write latency shortens the way from a read to a write, so it may save time.
MONOTONE = [*(name for name in DELAYS if name != "WL"), "tREFI"]
SCALES = st.fixed_dictionaries({name: st.integers(4, 25) for name in DELAYS})
ONE_CHANNEL = replace(HBM2_PIM, channels=1)
OUTPUTS, INPUTS, BATCHES = st.integers(1, 300), st.integers(1, 2000), st.integers(1, 4)
FEW = settings(max_examples=40, deadline=None, derandomize=True)


def scaled(timing: DramTiming, scales: dict[str, int]) -> DramTiming:
    return replace(
        timing, **{name: max(1, getattr(timing, name) * tenths // 10) for name, tenths in scales.items()}
    )


def one_refresh(timing: DramTiming) -> int:
    """Close what is open, refresh, open it again, and wait for the data on its way."""
    return (
        timing.tRFC
        + timing.tRP
        + timing.tRAS
        + timing.tRC
        + timing.tRCDRD
        + timing.WL
        + timing.RL
        + timing.tWR
    )


@FEW
@given(scales=SCALES, outputs=OUTPUTS, inputs=INPUTS, batch=BATCHES, refresh=st.booleans())
def test_extrapolation_equals_playing_every_command(
    hbm2: DramTiming, scales: dict[str, int], outputs: int, inputs: int, batch: int, refresh: bool
) -> None:
    timing = scaled(hbm2, scales)
    played = PimCommandModel(timing, ONE_CHANNEL, reuse=False)
    kept = PimCommandModel(timing, ONE_CHANNEL)
    expected = played.gemv(outputs, inputs, batch, refresh)
    assert kept.gemv(outputs, inputs, batch, refresh) == expected
    # What an earlier operation left behind does not show.
    kept.gemv(outputs + 70, inputs, 1, refresh)
    kept.elementwise("add", 9000, refresh)
    assert kept.gemv(outputs, inputs, batch, refresh) == expected


@FEW
@given(
    scales=SCALES,
    outputs=st.integers(1, 1500),
    inputs=INPUTS,
    batch=BATCHES,
    pace=st.integers(0, 150),
    window=st.booleans(),
    refresh=st.booleans(),
)
def test_where_one_bank_stands_for_all_nothing_is_searched_for_and_all_is_the_same(
    lpddr5: DramTiming,
    lpddr5_pim: PimGeometry,
    scales: dict[str, int],
    outputs: int,
    inputs: int,
    batch: int,
    pace: int,
    window: bool,
    refresh: bool,
) -> None:
    timing, together = scaled(lpddr5, scales), replace(lpddr5_pim, lockstep_ranks=4)
    options = PimOptions(weight_reuse=2, mac_cycles=pace, activation_window=window)
    searched = PimCommandModel(timing, together, options, reuse=False)
    alone = PimCommandModel(timing, together, options)
    shape = (outputs, inputs, batch, refresh)
    assert alone.gemv_breakdown(*shape) == searched.gemv_breakdown(*shape)
    # Other registers, from what the first have left behind.
    fewer = replace(together, input_registers=5, output_registers=3)
    assert PimCommandModel(timing, fewer, options).gemv_breakdown(*shape) == PimCommandModel(
        timing, fewer, options, reuse=False
    ).gemv_breakdown(*shape)


@FEW
@given(rounds=st.integers(1, 120), operation=st.sampled_from(["add", "relu"]), refresh=st.booleans())
def test_extrapolated_elementwise_equals_playing_every_command(
    hbm2: DramTiming, rounds: int, operation: str, refresh: bool
) -> None:
    length = rounds * ONE_CHANNEL.round_elements
    played = PimCommandModel(hbm2, ONE_CHANNEL, reuse=False).elementwise(operation, length, refresh)
    assert PimCommandModel(hbm2, ONE_CHANNEL).elementwise(operation, length, refresh) == played


@FEW
@given(
    scales=SCALES,
    name=st.sampled_from(MONOTONE),
    more=st.integers(1, 20),
    outputs=OUTPUTS,
    inputs=INPUTS,
    refresh=st.booleans(),
)
def test_a_longer_delay_never_saves_more_than_a_refresh(
    hbm2: DramTiming, scales: dict[str, int], name: str, more: int, outputs: int, inputs: int, refresh: bool
) -> None:
    timing = scaled(hbm2, scales)
    longer = replace(timing, **{name: getattr(timing, name) + more})
    before = PimCommandModel(timing, ONE_CHANNEL).gemv(outputs, inputs, 1, refresh)
    after = PimCommandModel(longer, ONE_CHANNEL).gemv(outputs, inputs, 1, refresh)
    if name == "tREFI":  # refreshing less often
        before, after = after, before
    # Without refresh a delay may let a command slip into a free cycle before another: a cycle or two in all.
    assert after >= before - (one_refresh(timing) if refresh else 2)


@FEW
@given(scales=SCALES, outputs=OUTPUTS, inputs=INPUTS, batch=BATCHES, refresh=st.booleans())
def test_more_work_never_takes_less(
    hbm2: DramTiming, scales: dict[str, int], outputs: int, inputs: int, batch: int, refresh: bool
) -> None:
    timing = scaled(hbm2, scales)
    model = PimCommandModel(timing, ONE_CHANNEL)
    slack = one_refresh(timing) if refresh else 0
    base = model.gemv(outputs, inputs, batch, refresh)
    assert model.gemv(outputs + 64, inputs, batch, refresh) >= base - slack
    assert model.gemv(outputs, inputs + 128, batch, refresh) >= base - slack
    assert model.gemv(outputs, inputs, batch + 1, refresh) >= base - slack


@FEW
@given(scales=SCALES, outputs=OUTPUTS, inputs=INPUTS, reuse=st.integers(1, 4), batch=st.integers(1, 6))
def test_no_machine_exceeds_the_peak_of_its_array(
    hbm2: DramTiming, scales: dict[str, int], outputs: int, inputs: int, reuse: int, batch: int
) -> None:
    timing = scaled(hbm2, scales)
    options = PimOptions(weight_reuse=reuse, mac_cycles=1.5)
    cycles = PimCommandModel(timing, ONE_CHANNEL, options).gemv(outputs, inputs, batch, refresh=False)
    columns = outputs * inputs / ONE_CHANNEL.macs_per_column
    assert cycles >= columns * -(-batch // reuse) * timing.tCCDL
    assert cycles >= columns * batch * 1.5


@FEW
@given(scales=SCALES, outputs=OUTPUTS, inputs=INPUTS, batch=st.integers(2, 6))
def test_a_batch_reads_the_weights_again_for_each_token(
    hbm2: DramTiming, scales: dict[str, int], outputs: int, inputs: int, batch: int
) -> None:
    model = PimCommandModel(scaled(hbm2, scales), ONE_CHANNEL)
    one = model.gemv_breakdown(outputs, inputs, 1, refresh=False)
    many = model.gemv_breakdown(outputs, inputs, batch, refresh=False)
    assert many.compute == batch * one.compute
    assert many.register_writes == batch * one.register_writes


@FEW
@given(
    scales=SCALES,
    outputs=st.integers(2, 5),
    tiles=st.integers(2, 20),
    cut=st.floats(0, 1),
    by_inputs=st.booleans(),
    refresh=st.booleans(),
)
def test_halves_never_cost_less_than_the_whole_without_its_fixed_part(
    hbm2: DramTiming,
    scales: dict[str, int],
    outputs: int,
    tiles: int,
    cut: float,
    by_inputs: bool,
    refresh: bool,
) -> None:
    timing = scaled(hbm2, scales)
    model = PimCommandModel(timing, ONE_CHANNEL)
    passes, inputs = outputs * 64, tiles * 128
    whole = model.gemv(passes, inputs, 1, refresh)
    frame = model.gemv_breakdown(passes, inputs, 1, refresh=False)
    fixed = frame.prologue + frame.epilogue
    if by_inputs:
        first = 1 + int(cut * (tiles - 2))
        parts = model.gemv(passes, first * 128, 1, refresh) + model.gemv(
            passes, (tiles - first) * 128, 1, refresh
        )
    else:
        first = 1 + int(cut * (outputs - 2))
        parts = model.gemv(first * 64, inputs, 1, refresh) + model.gemv(
            (outputs - first) * 64, inputs, 1, refresh
        )
    # Each half starts with a whole interval before its first refresh.
    slack = 2 * one_refresh(timing) if refresh else 0
    assert parts >= whole - fixed - slack


def test_the_stream_that_another_machine_needs_is_bound_by_its_rows(
    lpddr5: DramTiming, lpddr5_pim: PimGeometry
) -> None:
    """INT8 in sixteen single-bank units: one row per tile, so an activation per 64 reads."""
    free = PimCommandModel(lpddr5, lpddr5_pim).gemv_breakdown(4096, 4096, refresh=False)
    windowed = PimCommandModel(lpddr5, lpddr5_pim, PimOptions(activation_window=True))
    bound = windowed.gemv_breakdown(4096, 4096, refresh=False)
    tiles = (4096 // 128) * (4096 // 256)
    interval = max(lpddr5.tCCDL, lpddr5.burst_cycles)
    assert free.compute == tiles * 64 * interval
    # Opening sixteen banks in fours adds three windows to every activation: the weight row's and the register row's.
    assert bound.row_switches - free.row_switches >= tiles * 3 * lpddr5.tFAW
