"""What a verification covers of the drafted tokens, and when it waits for more."""

from itertools import product

import pytest

from ahasd.decoding.asynchronous.asynchronous_decoder import AsynchronousDecoder
from ahasd.decoding.asynchronous.coverage import check_coverage, tokens_to_verify
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.specification import parse_algorithm


@pytest.mark.parametrize(
    ("ends", "pending", "batches", "oldest", "amusd"),
    [
        ("", 0, 0, 0, 0),
        ("-", 0, 0, 0, 0),
        ("|", 1, 1, 1, 0),
        ("--", 2, 0, 0, 2),
        ("-|", 2, 2, 2, 2),
        ("|-", 2, 1, 1, 2),
        ("-|--|-", 6, 5, 2, 6),
    ],
)
def test_tokens_of_a_drafter_that_goes_on(ends, pending, batches, oldest, amusd):
    """A bar ends a batch."""
    marks = [mark == "|" for mark in ends]
    kinds = ("pending", "batches", "oldest", "amusd")
    assert [tokens_to_verify(kind, marks, False) for kind in kinds] == [pending, batches, oldest, amusd]


@pytest.mark.parametrize(
    "marks", [marks for length in range(5) for marks in product([False, True], repeat=length)]
)
def test_a_drafter_that_has_stopped_is_not_waited_for(marks):
    for coverage in ("pending", "batches", "oldest", "amusd"):
        going, stopped = (tokens_to_verify(coverage, list(marks), stop) for stop in (False, True))
        assert (stopped > 0) == (len(marks) > 0)
        assert stopped == (going or len(marks))


def test_another_coverage_or_control_is_refused(target, draft):
    check_coverage("oldest")
    with pytest.raises(UnknownNameError, match="Did you mean 'pending'"):
        check_coverage("pendin")
    algorithm = parse_algorithm("fixed:2")
    with pytest.raises(UnknownNameError, match="unknown coverage 'oldst'"):
        AsynchronousDecoder(target, draft, algorithm, coverage="oldst")
    with pytest.raises(UnknownNameError, match="unknown control 'tvc'"):
        AsynchronousDecoder(target, draft, algorithm, control="tvc")
    for limits in ({"max_ahead": 0}, {"threads": 0}):
        with pytest.raises(AhasdError, match="both must be at least 1"):
            AsynchronousDecoder(target, draft, algorithm, **limits)
