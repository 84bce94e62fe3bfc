"""Errors that people read, and that pass between processes."""

import pickle

from ahasd.errors import UnknownNameError


def test_an_unknown_name_is_answered_with_the_nearest_and_all_valid_ones() -> None:
    assert str(UnknownNameError("colour", "gren", ["red", "green"])) == (
        "unknown colour 'gren'. Did you mean 'green'? Valid: green, red"
    )


def test_an_unknown_name_survives_the_way_back_from_a_worker_process() -> None:
    error = UnknownNameError("colour", "gren", ["red", "green"])
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), back.valid) == (UnknownNameError, str(error), error.valid)
