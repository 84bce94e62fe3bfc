"""Models on the ranks that a user names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.placement.given_ranks import parse_ranks, place_alone, place_as_given
from ahasd.hardware.placement.placement import RankSet, Resident

from .four_channels import GIB, MEMORY

SMALL = Resident("small", GIB, 0)


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("0", RankSet(4, 0, 1)),
        ("3", RankSet(4, 3, 1)),
        ("1-3", RankSet(4, 1, 3)),
        ("0-3", RankSet(4, 0, 4)),
        ("0-3:1-2", RankSet(4, 1, 2)),
        ("0-3:2", RankSet(4, 2, 1)),
    ],
)
def test_ranks_are_read_as_written(text: str, ranks: RankSet) -> None:
    assert parse_ranks(text, "target_ranks", MEMORY) == ranks


@pytest.mark.parametrize(
    "text", ["", "a", "-1", "2-1", "0,1", "0-3:", "1-", ":1", "1:2:3", "0 - 1", "1.0", "+1"]
)
def test_what_is_no_rank_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(AhasdError, match=r"draft_ranks=.*0, 1-3, or with channels 0-3:1-3"):
        parse_ranks(text, "draft_ranks", MEMORY)


@pytest.mark.parametrize("text", ["4", "0-4", "3-9", "0-4:0", "7:0"])
def test_ranks_that_the_memory_does_not_have_are_refused_with_those_it_has(text: str) -> None:
    with pytest.raises(AhasdError, match=rf"target_ranks={text}.*channels 0-3 with ranks 0-3"):
        parse_ranks(text, "target_ranks", MEMORY)


@pytest.mark.parametrize(
    ("text", "left_out"), [("0-2:1", "3"), ("1-3:1", "0"), ("0:1", "1, 2, 3"), ("1-2:0-1", "0, 3")]
)
def test_a_channel_left_out_is_named_with_what_to_write(text: str, left_out: str) -> None:
    ranks = text.partition(":")[2]
    with pytest.raises(
        AhasdError, match=rf"leaves channel {left_out} without.*\(0-3:{ranks}\) or none \({ranks}\)"
    ):
        parse_ranks(text, "target_ranks", MEMORY)


def test_models_lie_on_the_ranks_given() -> None:
    placement = place_as_given(MEMORY, SMALL, SMALL, "2-3", "0")
    assert placement.target == RankSet(4, 2, 2)
    assert placement.draft == RankSet(4, 0, 1)


@pytest.mark.parametrize(
    ("target", "draft", "expected_target", "expected_draft"),
    [
        ("0", None, (0, 1), (1, 3)),
        ("0-2", None, (0, 3), (3, 1)),
        ("2-3", None, (2, 2), (0, 2)),
        (None, "1-3", (0, 1), (1, 3)),
        (None, "0", (1, 3), (0, 1)),
    ],
)
def test_the_model_that_is_not_placed_gets_the_ranks_that_are_left(
    target: str | None, draft: str | None, expected_target: tuple[int, int], expected_draft: tuple[int, int]
) -> None:
    placement = place_as_given(MEMORY, SMALL, SMALL, target, draft)
    assert placement.target == RankSet(4, *expected_target)
    assert placement.draft == RankSet(4, *expected_draft)


@pytest.mark.parametrize("ranks", ["1", "1-2", "0-3"])
def test_ranks_that_leave_none_or_two_pieces_ask_for_the_other_models(ranks: str) -> None:
    with pytest.raises(AhasdError, match=rf"target_ranks={ranks} leaves no ranks.*give draft_ranks as well"):
        place_as_given(MEMORY, SMALL, SMALL, ranks)
    with pytest.raises(AhasdError, match=rf"draft_ranks={ranks} leaves no ranks.*give target_ranks as well"):
        place_as_given(MEMORY, SMALL, SMALL, None, ranks)


@pytest.mark.parametrize(("target", "draft"), [("0", "0"), ("0-1", "1-3"), ("1-2", "0-3"), ("0-3:2", "2-3")])
def test_ranks_of_both_are_refused_with_the_way_out(target: str, draft: str) -> None:
    with pytest.raises(
        AhasdError, match=rf"target_ranks={target} and draft_ranks={draft} overlap.*interleaved"
    ):
        place_as_given(MEMORY, SMALL, SMALL, target, draft)


def test_what_exceeds_the_ranks_given_is_refused_with_the_sum() -> None:
    """A rank of 4 GiB on each of four channels."""
    large = Resident("large", 16 * GIB, 1)
    with pytest.raises(
        AhasdError, match=r"large: 17\.18 GB of weights.*target_ranks=0 has 4 ranks x 4 GiB = 17\.18 GB"
    ):
        place_as_given(MEMORY, large, SMALL, "0", "1-3")
    with pytest.raises(AhasdError, match=r"draft_ranks=1 has 4 ranks"):
        place_as_given(MEMORY, SMALL, large, "0", "1")
    with pytest.raises(AhasdError, match=r"draft_ranks=the rest has 4 ranks"):
        place_as_given(MEMORY, SMALL, large, "0-2")
    place_as_given(MEMORY, Resident("fits", 16 * GIB, 0), SMALL, "0", "1-3")


def test_a_model_that_is_alone_lies_on_the_ranks_given() -> None:
    assert place_alone(MEMORY, SMALL, "1-2") == RankSet(4, 1, 2)
    with pytest.raises(AhasdError, match=r"target_ranks=1 has 4 ranks"):
        place_alone(MEMORY, Resident("large", 17 * GIB, 0), "1")


@given(
    first=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    second=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_given_ranks_are_kept_or_refused_for_overlap(first: tuple[int, int], second: tuple[int, int]) -> None:
    (a, b), (c, d) = sorted(first), sorted(second)
    shared = set(range(a, b + 1)) & set(range(c, d + 1))
    if shared:
        with pytest.raises(AhasdError, match="overlap"):
            place_as_given(MEMORY, SMALL, SMALL, f"{a}-{b}", f"{c}-{d}")
        return
    placement = place_as_given(MEMORY, SMALL, SMALL, f"{a}-{b}", f"{c}-{d}")
    assert placement.draft is not None
    assert {rank for _, rank in placement.target.members()} == set(range(a, b + 1))
    assert {rank for _, rank in placement.draft.members()} == set(range(c, d + 1))
    assert not placement.target.overlaps(placement.draft)
