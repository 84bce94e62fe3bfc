"""Python looks for garbage less often while runs are made, and as before afterwards."""

import gc
from collections.abc import Iterator

import pytest

from ahasd.experiments.executors.batch import Batch, Figures, Task
from ahasd.experiments.executors.rare_collection import OBJECTS, rare_collection
from ahasd.experiments.executors.worker import work
from ahasd.experiments.store.row import Labels


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def seen() -> Figures:
    return Figures(str(gc.get_threshold()[0]))


def test_a_batch_is_run_with_rare_collections_and_leaves_the_threshold_as_it_was() -> None:
    gc.set_threshold(700, 7, 6)
    finished = work(Batch((Task("a", "one", seen, (), Labels("run")),)))
    assert finished.rows[0].document == str(OBJECTS)
    assert gc.get_threshold() == (700, 7, 6)


@pytest.mark.parametrize("users", [(0, 10, 10), (OBJECTS * 2, 10, 10)])
def test_a_user_who_collects_more_seldom_or_never_is_left_alone(users: tuple[int, int, int]) -> None:
    gc.set_threshold(*users)
    with rare_collection():
        assert gc.get_threshold() == users
    assert gc.get_threshold() == users


def test_an_error_leaves_the_threshold_as_it_was() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(ZeroDivisionError), rare_collection():
        raise ZeroDivisionError
    assert gc.get_threshold() == (700, 10, 10)
