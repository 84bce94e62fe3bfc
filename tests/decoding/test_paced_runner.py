"""A runner that is padded to a latency computes the same, and tells what its forwards took."""

from math import inf, nan
from time import perf_counter

import pytest
import torch

from ahasd.decoding.models.paced_runner import PacedRunner, check_latencies, paced
from ahasd.errors import AhasdError


def test_a_forward_lasts_at_least_the_latency_and_is_recorded(small_models):
    table = small_models.TableRunner(torch.eye(5))
    runner = paced(table, 0.05)
    began = perf_counter()
    found = runner.forward([1, 2, 3], rows=2)
    taken = perf_counter() - began
    runner.forward([4])
    assert torch.equal(found, torch.eye(5)[[2, 3]])
    assert [(step.tokens, step.rows) for step in runner.steps] == [(3, 2), (1, 1)]
    assert 0.05 <= runner.steps[0].seconds <= taken


def test_the_cache_is_that_of_the_runner_inside(small_models):
    table = small_models.TableRunner(torch.eye(5))
    runner = PacedRunner(table)
    runner.forward([1, 2, 3])
    runner.roll_back(1)
    assert table.cached == [1]
    assert runner.length == 1
    runner.reset()
    assert (table.cached, runner.steps) == ([], [])


def test_without_a_latency_a_runner_stays_as_it_is(small_models):
    table = small_models.TableRunner(torch.eye(5))
    assert paced(table, 0.0) is table


@pytest.mark.parametrize(
    ("draft", "target"), [(-1e-9, 0.0), (0.0, -1e-9), (inf, 0.0), (0.0, inf), (nan, 0.0)]
)
def test_what_is_no_latency_is_refused(draft, target):
    with pytest.raises(AhasdError, match="give at least 0"):
        check_latencies(draft, target)


def test_no_latency_is_a_latency():
    check_latencies(0.0, 0.0)
