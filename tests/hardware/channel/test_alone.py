"""With the other side absent, each side takes what its own model says."""

from dataclasses import replace

import pytest

from ahasd.hardware.channel.co_simulation import Arbitration, PimProduct, PimWork, co_simulate
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import HBM2_PIM, PimOptions, gemv_cycles

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
