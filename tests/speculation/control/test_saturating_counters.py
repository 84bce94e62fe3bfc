import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.control.edc.saturating_counters import SaturatingCounters


@pytest.mark.parametrize(("bits", "first_true"), [(1, 1), (2, 2), (3, 4)])
def test_the_most_significant_bit_predicts(bits, first_true):
    for value in range(1 << bits):
        assert SaturatingCounters(1, bits, value).predicts(0) == (value >= first_true)


def test_only_the_trained_counter_moves_and_it_saturates():
    counters = SaturatingCounters(4, 2, 2)
    for _ in range(3):
        counters.train(1, upwards=True)
        counters.train(3, upwards=False)
    assert list(counters) == [2, 3, 2, 0]
    assert len(counters) == 4


@given(
    bits=st.integers(1, 4),
    ageing=st.integers(0, 5),
    steps=st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40),
    data=st.data(),
)
def test_equal_to_counters_kept_one_by_one(bits, ageing, steps, data):
    initial = data.draw(st.integers(0, 2**bits - 1))
    counters = SaturatingCounters(3, bits, initial, ageing)
    model = {0: initial, 1: initial, 2: initial}
    for number, (index, upwards) in enumerate(steps, start=1):
        counters.train(index, upwards)
        model[index] = max(0, min(2**bits - 1, model[index] + (1 if upwards else -1)))
        if ageing and number % ageing == 0:
            for key, value in model.items():
                if value != initial:
                    model[key] = value + (1 if value < initial else -1)
        assert list(counters) == list(model.values())
