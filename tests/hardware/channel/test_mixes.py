"""Drawn mixes are small in every way but length, and among many of them every choice occurs."""

from dataclasses import replace

import pytest

from ahasd.hardware.channel.co_simulation import Driving, Mix, random_mix
from ahasd.hardware.channel.co_simulation.mixes import PACES, TIMING_SETS
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import PimGeometry

MIXES = [random_mix(seed) for seed in range(400)]

#: All but what is drawn: one rank of sixteen banks.
GEOMETRY = PimGeometry(
    channels=1, ranks=1, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip


def occurring(value) -> set:
    return {value(mix) for mix in MIXES}


def test_a_seed_is_one_mix() -> None:
    assert random_mix(3) == MIXES[3]
    assert len({mix.summary() for mix in MIXES}) > 390


def test_every_choice_occurs() -> None:
    assert occurring(lambda mix: mix.timing_set) == set(TIMING_SETS)
    assert occurring(lambda mix: mix.organisation.refresh) == {Refresh.NONE, Refresh.ALL_BANK}
    assert occurring(lambda mix: (mix.work.ranks, mix.work.driving)) == {
        (1, Driving.BROADCAST),
        *((ranks, driving) for ranks in (2, 3) for driving in Driving),
    }
    assert occurring(lambda mix: mix.work.geometry.blocks) == {8, 16}
    assert occurring(lambda mix: mix.work.geometry.input_registers) == {2, 4, 8, 16}
    assert occurring(lambda mix: mix.work.geometry.output_registers) == {2, 4, 8, 16}
    assert occurring(lambda mix: mix.work.options.weight_reuse) == {1, 2, 4}
    assert occurring(lambda mix: mix.work.options.mac_cycles) == set(PACES)
    products = [product for mix in MIXES for product in mix.work.products]
    assert {product.batch for product in products} == {1, 2, 4}


def test_ordinary_choices_are_the_most_frequent() -> None:
    """Half on AHASD's memory, three quarters of reads alone, half of one token to a read of the weights."""

    def share(holds) -> float:
        return sum(map(holds, MIXES)) / len(MIXES)

    assert share(lambda mix: mix.timing_set == "ahasd") == pytest.approx(0.5, abs=0.08)
    assert share(lambda mix: mix.stream.read_share == 1.0) == pytest.approx(0.75, abs=0.07)
    assert share(lambda mix: mix.work.options.weight_reuse == 1) == pytest.approx(0.5, abs=0.08)
    products = [product for mix in MIXES for product in mix.work.products]
    for name, expected in (("read_bursts", 1 / 3), ("written_bursts", 1 / 3)):
        drawn = sum(getattr(product, name) > 0 for product in products) / len(products)
        assert drawn == pytest.approx(expected, abs=0.05)
    assert sum(product.batch == 1 for product in products) / len(products) == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("mix", MIXES[:100], ids=range(100))
def test_a_mix_stays_within_what_is_said_of_it(mix: Mix) -> None:
    memory, work = load_timing_set(mix.timing_set), mix.work
    geometry, timing = work.geometry, memory.timing
    drawn = ("blocks", "input_registers", "output_registers")
    assert replace(geometry, **{name: getattr(GEOMETRY, name) for name in drawn}) == GEOMETRY
    assert mix.timing == timing
    assert mix.organisation == replace(memory.organisation, refresh=mix.organisation.refresh)
    cycles = mix.stream.requests * timing.burst_cycles
    assert 20_000 - timing.burst_cycles < cycles <= 50_000
    assert 0.5 <= mix.stream.read_share <= 1.0
    if mix.organisation.refresh is Refresh.ALL_BANK:
        assert len(mix.first_refreshes) == work.agents
        assert all(1 <= cycle <= timing.tREFI for cycle in mix.first_refreshes)
    else:
        assert mix.first_refreshes == ()
    outputs = geometry.output_registers * geometry.blocks * work.ranks
    for product in work.products:
        assert 1 <= product.outputs <= 3 * outputs
        assert product.inputs >= 1
        assert 0 <= product.read_bursts <= 300
        assert 0 <= product.written_bursts <= 100


def test_products_are_of_one_to_three_passes_and_take_their_time_together() -> None:
    """Of a tile's columns at the pace, with some hundreds of cycles for rows and registers."""
    passes, totals = [], []
    for mix in MIXES:
        geometry, options = mix.work.geometry, mix.work.options
        outputs = geometry.output_registers * geometry.blocks * mix.work.ranks
        tile = geometry.tile_columns * max(int(options.mac_cycles), 6) + 300
        total = 0
        for product in mix.work.products:
            passes.append(-(-product.outputs // outputs))
            tiles = -(-product.inputs // geometry.tile_inputs)
            reads = passes[-1] * -(-product.batch // options.weight_reuse)
            assert tiles == 1 or tiles * tile * reads <= 20_000
            total += tiles * tile * reads + 700
        totals.append(total)
    assert set(passes) == {1, 2, 3}
    assert min(totals) >= 20_000
    # The last product may go beyond, by the longest one.
    assert sorted(totals)[len(totals) // 2] < 50_000
