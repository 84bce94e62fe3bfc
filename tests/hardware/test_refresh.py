"""Refresh rates: from the preset to streams, command streams and power."""

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.refresh import effective_memory, rank_idle_w
from ahasd.hardware.dram.streams.rates import peak_bytes_per_second, streaming_bytes_per_second
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import matmul
from ahasd.workload.precision import Precision

TREFI, TRFC = 6240, 560


def at(hardware: Hardware, rate: float) -> Hardware:
    return assign(hardware, "memory.refresh_rate", str(rate))


def test_a_normal_memory_is_the_timing_set(module_mac: Hardware) -> None:
    assert effective_memory(module_mac) == load_timing_set("ahasd")


@pytest.mark.parametrize(
    ("rate", "interval", "of_a_bank"), [(2, 3120, 391), (4, 1560, 196), (0.5, 12480, 1564)]
)
def test_intervals_are_divided_and_nothing_else(
    module_mac: Hardware, rate: float, interval: int, of_a_bank: int
) -> None:
    timing, normal = effective_memory(at(module_mac, rate)).timing, effective_memory(module_mac).timing
    assert (timing.tREFI, timing.tREFIpb) == (interval, of_a_bank)
    for name in timing.__slots__:
        if name not in ("tREFI", "tREFIpb"):
            assert getattr(timing, name) == getattr(normal, name)


def test_a_stream_loses_the_same_time_for_every_refresh(module_mac: Hardware) -> None:
    lost = []
    for rate in (1, 2, 4):
        memory = effective_memory(at(module_mac, rate))
        peak = peak_bytes_per_second(memory.timing, memory.organisation)
        share = streaming_bytes_per_second(memory.timing, memory.organisation) / peak
        lost.append((1 - share) * TREFI / rate)
    # The refresh itself, and closing rows before it and opening them after: at most a row cycle each.
    assert TRFC < lost[0] < TRFC + 2 * 96
    assert lost == pytest.approx([lost[0]] * 3, rel=0.01)


def test_a_memory_without_refresh_streams_at_its_peak(module_mac: Hardware) -> None:
    memory = effective_memory(at(module_mac, 0))
    assert memory.organisation.refresh is Refresh.NONE
    peak = peak_bytes_per_second(memory.timing, memory.organisation)
    assert streaming_bytes_per_second(memory.timing, memory.organisation) == pytest.approx(peak, rel=1e-3)


def test_products_in_memory_lose_it_too(module_mac: Hardware) -> None:
    product = matmul(LinearLayer("product", 4096, 4096), 1, Precision()).in_layers("layer", 8)
    seconds = {}
    for rate in (0, 1, 2, 4):
        hardware = at(module_mac, rate)
        pim = CommandPim(hardware, RankSet(4, 0, 4), True, effective_memory(hardware).timing, Precision())
        cost = pim.operator_cost(product)
        seconds[rate] = cost.compute_seconds + cost.memory_seconds + cost.launch_seconds
    adding = 8 * 4096 * 32 / (16 * 16 * 0.8e9)
    quiet = seconds[0] - adding
    for rate in (1, 2, 4):
        # What a refresh blocks is made up for: time x (1 - rate tRFC / tREFI) is left for commands.
        assert seconds[rate] - adding == pytest.approx(quiet / (1 - rate * TRFC / TREFI), rel=0.02 * rate)


def test_only_the_refresh_part_of_idle_power_follows_the_rate(module_mac: Hardware) -> None:
    # Two dies: 2 x 4 mW of power-down, 2 x 48.6 nJ per 3.9 us of refresh (24.9 mW, given as 25).
    assert rank_idle_w(module_mac) == pytest.approx(0.033)
    assert module_mac.energy.rank_refresh_mw == pytest.approx(2 * 48.6e-9 / 3.9e-6 * 1e3, rel=5e-3)
    assert rank_idle_w(at(module_mac, 4)) == pytest.approx(0.008 + 4 * 0.025)
    assert rank_idle_w(at(module_mac, 0)) == pytest.approx(0.008)


@pytest.mark.parametrize("rate", ["-1", "9", "often"])
def test_impossible_rates_are_refused(module_mac: Hardware, rate: str) -> None:
    with pytest.raises(AhasdError, match="refresh_rate"):
        assign(module_mac, "memory.refresh_rate", rate)
