"""With the other side absent, each side takes what its own model says."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ahasd.hardware.channel.co_simulation import Arbitration, PimProduct, PimWork, co_simulate
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.playback import play, stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import HBM2_PIM, PimCommandModel, PimOptions, gemv_cycles

from ..dram import drawn as dram
from ..pim import drawn as pim

SLOTS_ONLY = Arbitration(in_step=False)


@pytest.mark.parametrize("refresh", list(Refresh))
@pytest.mark.parametrize("read_share", [1.0, 0.8, 0.0])
def test_a_stream_alone_is_exact_where_a_command_takes_a_cycle(refresh: Refresh, read_share: float) -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    organisation = replace(memory.organisation, refresh=refresh)
    stream = RequestStream(3000, read_share)
    expected = stream_cycles(memory.timing, organisation, stream).cycles
    assert co_simulate(memory.timing, organisation, stream, None).stream == expected


@pytest.mark.parametrize("read_share", [1.0, 0.8])
def test_command_slots_change_a_stream_by_less_than_a_thousandth(read_share: float) -> None:
    memory = load_timing_set("ahasd")
    stream = RequestStream(6000, read_share)
    expected = stream_cycles(memory.timing, memory.organisation, stream).cycles
    assert co_simulate(memory.timing, memory.organisation, stream, None).stream == pytest.approx(
        expected, rel=1e-3
    )


@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize(("shape", "pace"), [((100, 300, 1), 0), ((300, 1500, 2), 0), ((300, 900, 1), 17)])
def test_a_product_alone_is_exact_where_a_command_takes_a_cycle(
    hbm2_set: DramTiming, shape: tuple[int, int, int], pace: int, refresh: bool
) -> None:
    options = PimOptions(mac_cycles=pace)
    geometry = replace(HBM2_PIM, ranks=1)
    work = PimWork((PimProduct(*shape),), geometry, options)
    organisation = load_timing_set("lpddr5-6400-16gb").organisation
    first = (hbm2_set.tREFI,) if refresh else ()
    cycles = co_simulate(hbm2_set, organisation, None, work, first, SLOTS_ONLY).pim
    assert cycles == gemv_cycles(hbm2_set, geometry, *shape, refresh, options)


@pytest.mark.parametrize("name", ["ahasd", "lpddr5-6400-16gb"])
def test_slots_add_little_to_a_product(name: str) -> None:
    memory = load_timing_set(name)
    geometry = replace(HBM2_PIM, channels=1, ranks=1, element_bytes=1)
    options = PimOptions(mac_cycles=64)
    work = PimWork((PimProduct(200, 3000),), geometry, options)
    cycles = co_simulate(memory.timing, memory.organisation, None, work).pim
    expected = gemv_cycles(memory.timing, geometry, 200, 3000, refresh=False, options=options)
    assert expected <= cycles < 1.01 * expected


@pytest.fixture
def hbm2_set() -> DramTiming:
    return load_timing_set("hbm2").timing


@settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    timing=dram.TIMINGS,
    halves=st.sampled_from([0, 4, 8]),
    organisation=dram.ORGANISATIONS,
    refresh=st.sampled_from(list(Refresh)),
    stream=dram.STREAMS,
    read_share=st.sampled_from([0.0, 1.0]),
)
def test_any_stream_alone_is_exact_where_a_command_takes_a_cycle(
    timing, halves, organisation, refresh, stream, read_share
) -> None:
    # While the data clock starts, and in cycle 0, requests come in here and not there.
    timing = replace(timing, command_cycles=1, tAAD=halves, tWCKPST=0)
    if refresh is Refresh.PER_BANK:
        timing = replace(timing, tREFI=timing.tREFI // 2 * organisation.banks)
    organisation = replace(organisation, refresh=refresh, report_cycles=0)
    stream = replace(stream, read_share=read_share)
    expected = play(timing, organisation, stream).cycles
    assert co_simulate(timing, organisation, stream, None).stream == expected


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    changes=pim.TIMINGS,
    geometry=pim.GEOMETRIES,
    options=pim.OPTIONS,
    outputs=st.integers(1, 200),
    inputs=st.integers(1, 600),
    batch=st.integers(1, 2),
    refresh=st.booleans(),
)
def test_any_product_alone_is_exact_where_a_command_takes_a_cycle(
    changes, geometry, options, outputs, inputs, batch, refresh
) -> None:
    timing, geometry = replace(load_timing_set("hbm2").timing, **changes), replace(geometry, ranks=1)
    organisation = load_timing_set("lpddr5-6400-16gb").organisation
    work = PimWork((PimProduct(outputs, inputs, batch),), geometry, options)
    first = (timing.tREFI,) if refresh else ()
    cycles = co_simulate(timing, organisation, None, work, first, SLOTS_ONLY).pim
    assert cycles == PimCommandModel(timing, geometry, options).gemv(outputs, inputs, batch, refresh)
