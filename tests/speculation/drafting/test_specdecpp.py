"""SpecDec++ by hand."""

import pytest

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.algorithms.specdecpp import SpecDecPp
from ahasd.traces.rollout.walk import DraftSignals


def batch_length(policy, predictions):
    policy.start(0)
    for length, predicted in enumerate(predictions, start=1):
        if policy.should_stop(DraftSignals(1.0, 0.5, predicted)):
            return length
    raise AssertionError("did not stop")


PREDICTIONS = [0.9, 0.6, 0.5, 0.9, 0.9]
# Products 0.9, 0.54, 0.27, 0.243: the chance of a rejection is 0.1, 0.46, 0.73, 0.757.


@pytest.mark.parametrize(
    ("h", "lag", "length"),
    [(0.05, 0, 1), (0.3, 0, 2), (0.7, 0, 3), (0.75, 0, 4), (0.05, 1, 2), (0.3, 1, 3), (0.7, 1, 4)],
)
def test_stops_when_a_rejection_is_likelier_than_h(h, lag, length):
    assert batch_length(SpecDecPp(h=h, minimum=1, maximum=20, lag=lag), PREDICTIONS) == length


def test_the_minimum_and_the_maximum_hold():
    assert batch_length(SpecDecPp(h=0.01, minimum=4, maximum=20, lag=0), PREDICTIONS) == 4
    assert batch_length(SpecDecPp(h=1.0, minimum=2, maximum=5, lag=0), PREDICTIONS) == 5


def test_a_new_batch_forgets_the_doubts_of_the_old():
    policy = SpecDecPp(h=0.7, minimum=2, maximum=20, lag=1)
    assert batch_length(policy, [0.1] * 5) == 2
    assert batch_length(policy, PREDICTIONS) == 4


def test_a_token_without_a_prediction_is_refused():
    policy = SpecDecPp(h=0.7, minimum=2, maximum=20, lag=1)
    policy.start(0)
    with pytest.raises(AhasdError, match=r"needs a predicted acceptance.*use a trace recorded with"):
        policy.should_stop(DraftSignals(1.0, 0.5, None))
