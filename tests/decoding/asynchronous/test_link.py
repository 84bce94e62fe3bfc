"""What joins the two processes: words of 64 bits, boards beside each other in one memory, and their lock."""

from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.decoding.asynchronous.link import link as link_module
from ahasd.decoding.asynchronous.link.draft_board import Draft
from ahasd.decoding.asynchronous.link.link import BoardSizes, SharedBoards, WordLock
from ahasd.decoding.asynchronous.link.text_board import Origin, TextToken
from ahasd.decoding.asynchronous.link.word import EPOCH_BITS, MAX_LENGTH, Word, unpack
from ahasd.errors import AhasdError

SIZES = BoardSizes(text=5, ring=3, vocabulary=7)


@pytest.fixture
def lock() -> WordLock:
    return WordLock(get_context("spawn"))


@pytest.fixture
def boards(lock):
    mine = SharedBoards(lock, SIZES)
    others = SharedBoards(lock, SIZES, mine.name)
    yield mine, others
    others.close()
    mine.close()


@given(st.integers(0, (1 << EPOCH_BITS) - 1), st.integers(0, MAX_LENGTH), st.booleans())
def test_a_word_comes_back_from_its_64_bits(epoch: int, length: int, flag: bool) -> None:
    word = Word(epoch, length, flag)
    assert 0 <= word.pack() < 1 << 64
    assert unpack(word.pack()) == word


def test_epochs_go_before_flags_and_lengths() -> None:
    assert MAX_LENGTH == 2**24 - 1
    assert [Word(0, 5).pack(), Word(0, 0, True).pack(), Word(1, 0).pack()] == [5, 2**24, 2**25]


def test_boards_lie_behind_each_other_at_multiples_of_64_bytes() -> None:
    # A word and 5 cells of 4 bytes; a word, and 3 slots with distributions of 7 numbers of 4 bytes; a word.
    assert SIZES.offsets() == (64, 192, 200)
    assert BoardSizes(text=14, ring=1, vocabulary=13).offsets() == (64, 128, 136)
    assert BoardSizes(text=15, ring=1, vocabulary=14).offsets() == (128, 256, 264)


def test_what_is_written_to_full_boards_is_read_by_who_joins_the_memory(boards) -> None:
    mine, others = boards
    text = [TextToken(2**30 - 1 - place, Origin(place % 3)) for place in range(5)]
    rows = [np.arange(7, dtype=np.float32) + place for place in range(3)]
    mine.text.write(0, text)
    for place, row in enumerate(rows, start=4):  # slots 1, 2, 0
        mine.drafts.write(place, Draft(2**31 - 1 - place, row, ends_batch=place == 5))
    mine.text.publish(Word(1, 5))
    mine.drafts.publish(Word(2, 7, True))
    mine.caller.publish(Word(3, 0))
    found = (others.text.read_word(), others.drafts.read_word(), others.caller.read_word())
    assert found == (Word(1, 5), Word(2, 7, True), Word(3, 0))
    assert others.text.read(0, 5) == text
    assert others.text.read(2, 4) == text[2:4]
    for place, row in enumerate(rows, start=4):
        draft = others.drafts.read(place, with_probabilities=True)
        assert (draft.token, draft.ends_batch) == (2**31 - 1 - place, place == 5)
        assert others.drafts.ends_batch(place) == (place == 5)
        assert np.array_equal(draft.probabilities, row)
        assert others.drafts.read(place, with_probabilities=False).probabilities is None


def test_the_memory_is_given_back_by_who_made_it(lock) -> None:
    mine = SharedBoards(lock, SIZES)
    others = SharedBoards(lock, SIZES, mine.name)
    others.close()
    third = SharedBoards(lock, SIZES, mine.name)  # still there
    third.close()
    mine.close()
    with pytest.raises(FileNotFoundError):
        SharedBoards(lock, SIZES, mine.name)


def test_a_lock_whose_holder_is_gone_is_an_error_and_one_that_is_free_is_not(lock, monkeypatch) -> None:
    monkeypatch.setattr(link_module, "LOCK_SECONDS", 0.01)
    with lock, pytest.raises(AhasdError, match="killed while it published"), lock:
        pass
    with lock:
        pass
