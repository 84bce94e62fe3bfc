import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.placement.placement import RankSet, Resident, place_apart, place_shared

from .four_channels import GIB, MEMORY


def test_the_target_gets_the_fewest_rank_rows_and_the_draft_the_rest() -> None:
    placement = place_apart(MEMORY, Resident("target", 13 * 10**9, 10**9), Resident("draft", 7 * 10**9, 0))
    assert placement.target == RankSet(4, 0, 1)
    assert placement.draft == RankSet(4, 1, 3)
    assert len(placement.target.members()) == 4


def test_one_byte_more_than_a_row_takes_a_second_row() -> None:
    placement = place_apart(MEMORY, Resident("target", 16 * GIB + 1, 0), Resident("draft", 1, 0))
    assert placement.target.per_channel == 2


def test_what_does_not_fit_is_refused_with_the_sum() -> None:
    with pytest.raises(
        AhasdError, match=r"60\.00 GB of weights \+ 5\.00 GB of KV cache = 65\.00 GB.*68\.72 GB"
    ):
        place_shared(MEMORY, [Resident("a", 60 * 10**9, 5 * 10**9), Resident("b", 4 * 10**9, 0)])


def test_two_models_that_fit_only_when_mixed_are_refused_apart() -> None:
    target, draft = Resident("target", 33 * GIB, 0), Resident("draft", 17 * GIB, 0)
    place_shared(MEMORY, [target, draft])
    with pytest.raises(AhasdError, match=r"3 \+ 2 ranks per channel, there are 4"):
        place_apart(MEMORY, target, draft)


@given(target=st.integers(1, 64 * GIB), draft=st.integers(1, 64 * GIB))
def test_placed_models_fit_their_ranks_and_share_none(target: int, draft: int) -> None:
    try:
        placement = place_apart(MEMORY, Resident("target", target, 0), Resident("draft", draft, 0))
    except AhasdError:
        rows = -(-target // (16 * GIB)) + -(-draft // (16 * GIB))
        assert rows > 4
        return
    assert placement.draft is not None
    assert placement.target.count * 4 * GIB >= target
    assert placement.draft.count * 4 * GIB >= draft
    assert not set(placement.target.members()) & set(placement.draft.members())
