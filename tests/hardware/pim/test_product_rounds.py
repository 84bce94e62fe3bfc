"""Rounds of a product for many tokens, on ranks in lockstep or with commands of their own."""

from dataclasses import replace

import pytest

from ahasd.hardware.channel.loads import product_loads
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.bank_layout import BankedProduct
from ahasd.hardware.pim.commands import PimGeometry, PimOptions, pim_command_model
from ahasd.hardware.pim.product_rounds import ProductRounds

AHASD = load_timing_set("ahasd")
RANKS = PimGeometry(
    channels=1, ranks=3, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8, lockstep_ranks=3,
)  # fmt: skip
PRODUCT = BankedProduct(
    geometry=RANKS,
    outputs=769,
    inputs=2000,
    rounds=1,
    register_columns=1,
    sum_columns=1,
    crossing_sums=0,
    filled=1.0,
)
OPTIONS = PimOptions(mac_cycles=24, weight_reuse=2)


def rounds(apart: bool) -> ProductRounds:
    return ProductRounds(AHASD.timing, AHASD.organisation, 3, apart)


def loads(geometry: PimGeometry, outputs: int, tokens: int, bursts: int, agents: int):
    return product_loads(
        AHASD.timing,
        AHASD.organisation,
        geometry,
        OPTIONS,
        (outputs, PRODUCT.inputs, tokens),
        (bursts, 0),
        agents,
        quiet_cycles=pim_command_model(AHASD.timing, geometry, OPTIONS).gemv(
            outputs, PRODUCT.inputs, tokens, refresh=False
        ),
    )


@pytest.mark.parametrize("tokens", [1, 2, 3, 4])
def test_few_tokens_are_played(tokens: int) -> None:
    played = pim_command_model(AHASD.timing, RANKS, OPTIONS).gemv_breakdown(769, 2000, tokens)
    assert rounds(False).cycles(PRODUCT, OPTIONS, tokens) == played


@pytest.mark.parametrize(("tokens", "few", "more"), [(5, 3, 1), (6, 2, 2), (9, 3, 3)])
def test_of_many_tokens_each_further_read_of_the_weights_takes_as_long(tokens, few, more) -> None:
    model = pim_command_model(AHASD.timing, RANKS, OPTIONS)
    short, longer = (model.gemv_breakdown(769, 2000, count) for count in (few, few + 2))
    found = rounds(False).cycles(PRODUCT, OPTIONS, tokens)
    assert found.total == short.total + more * (longer.total - short.total)
    assert found == short.extended(longer, more)


def test_ranks_in_lockstep_ask_for_what_the_product_does() -> None:
    product, crossing = loads(RANKS, 769, 2, 7, 1)
    assert rounds(False).load(PRODUCT, OPTIONS, 2, 7) == (product + crossing, 0.0)


def test_ranks_with_commands_of_their_own_each_do_a_share_rounded_up() -> None:
    """769 outputs are 257 for each of three ranks, a pass more than 256; of seven bursts each sends three."""
    one = replace(RANKS, ranks=1, lockstep_ranks=1)
    product, crossing = loads(one, 257, 2, 3, 3)
    together, _ = rounds(False).load(PRODUCT, OPTIONS, 2, 7)
    found, longer = rounds(True).load(PRODUCT, OPTIONS, 2, 7)
    assert found == product + crossing
    assert found != sum(loads(one, 256, 2, 3, 3), start=type(found)())
    assert longer == max(0.0, found.seconds - together.seconds)


def test_many_tokens_ask_for_the_difference_of_a_further_read_each() -> None:
    (short, crossing), (longer, _) = (loads(RANKS, 769, count, 7, 1) for count in (3, 5))
    found, _ = rounds(False).load(PRODUCT, OPTIONS, 9, 7)
    for name in ("seconds", "data_seconds", "data_runs", "displaced_seconds"):
        first, second = getattr(short, name), getattr(longer, name)
        assert getattr(found, name) == pytest.approx(first + 3 * (second - first) + getattr(crossing, name))


def test_a_round_that_meets_no_refresh_when_played_still_pays_for_them_on_average() -> None:
    timing = AHASD.timing
    parts = rounds(False).cycles(PRODUCT, OPTIONS, 1)
    quiet, met = parts.total - parts.refresh, parts.total // timing.tREFI
    stop = parts.refresh / met
    assert met > 0
    assert rounds(False).refresh_cycles(parts) == pytest.approx(quiet * stop / (timing.tREFI - stop))
    small = replace(PRODUCT, outputs=10, inputs=10)
    short = rounds(False).cycles(small, OPTIONS, 1)
    assert (short.total < timing.tREFI, short.refresh) == (True, 0)
    expected = short.total * timing.tRFC / (timing.tREFI - timing.tRFC)
    assert rounds(False).refresh_cycles(short) == pytest.approx(expected)
