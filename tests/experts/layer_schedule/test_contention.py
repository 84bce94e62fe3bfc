"""The least time of products and reads that slow each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.experts.layer_schedule.contention import least_seconds, share

seconds = st.floats(0, 100)
part = st.floats(0.05, 1)


def test_both_at_their_joint_rates_until_one_ends_then_the_other_at_its_own() -> None:
    # 2 s of products at half speed take 4 s, in which 4 * 0.75 = 3 of 5 s of reads are done; 2 are left.
    assert least_seconds(2.0, 5.0, 0.5, 0.75) == pytest.approx(6.0)
    # 1 s of reads at a quarter of the speed takes 4 s, in which 4 * 0.9 = 3.6 of 6 s of products are done.
    assert least_seconds(6.0, 1.0, 0.9, 0.25) == pytest.approx(6.4)


def test_where_both_at_once_do_less_than_each_in_turn_they_take_turns() -> None:
    assert least_seconds(2.0, 3.0, 0.25, 0.5) == 5.0


@given(seconds, seconds, part, part)
def test_it_lies_between_the_larger_and_the_sum(
    products: float, reads: float, products_together: float, reads_together: float
) -> None:
    found = least_seconds(products, reads, products_together, reads_together)
    assert max(products, reads) - 1e-9 <= found <= products + reads + 1e-9
    assert least_seconds(products, reads, 1.0, 1.0) == pytest.approx(max(products, reads))


@given(seconds, st.lists(st.floats(0.01, 10), max_size=5), part, part)
def test_copies_cut_into_pieces_take_as_long_as_in_one(
    other: float, copies: list[float], other_together: float, copy_together: float
) -> None:
    arrivals, end = share(other, copies, other_together, copy_together)
    whole, whole_end = share(other, [sum(copies)], other_together, copy_together)
    assert arrivals == sorted(arrivals)
    assert (arrivals or [0.0])[-1] == pytest.approx(whole[0])
    assert end == pytest.approx(whole_end)
