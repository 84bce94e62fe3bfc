"""Options that take several names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.cli.comma_lists import check_names, split_algorithms, split_names
from ahasd.errors import AhasdError, UnknownNameError

NAMES = st.lists(st.text("abc+-", min_size=1), min_size=1, unique=True)


@given(NAMES, st.lists(st.sampled_from(["", " ", "  "]), min_size=2, max_size=2))
def test_names_come_back_in_their_order_without_the_spaces_around_them(
    names: list[str], around: list[str]
) -> None:
    before, after = around
    assert split_names("--x", ",".join(f"{before}{name}{after}" for name in names)) == names


def test_a_name_counts_once_where_it_first_stands() -> None:
    assert split_names("--x", "b,a,b") == ["b", "a"]
    assert split_algorithms("--x", "svip,fixed:2,svip") == ["svip", "fixed:2"]


@pytest.mark.parametrize("text", ["", " ", ",", "a,", ",a", "a,,b", "a, ,b"])
def test_a_missing_name_is_the_same_error_everywhere(text: str) -> None:
    for split in (split_names, split_algorithms):
        with pytest.raises(AhasdError) as refusal:
            split("--systems", text)
        assert str(refusal.value) == (
            f"--systems '{text}' lacks a name; write one, or several with a comma between them"
        )


@pytest.mark.parametrize(
    ("text", "algorithms"),
    [
        ("svip", ["svip"]),
        ("fixed:4, adaedl", ["fixed:4", "adaedl"]),
        ("adaedl:gamma=0.2,lambda=0.8", ["adaedl:gamma=0.2,lambda=0.8"]),
        ("adaedl:gamma=0.2, lambda=0.8,svip:h=1", ["adaedl:gamma=0.2,lambda=0.8", "svip:h=1"]),
    ],
)
def test_the_parameters_of_an_algorithm_stay_with_it(text: str, algorithms: list[str]) -> None:
    assert split_algorithms("--x", text) == algorithms


def test_an_unknown_name_is_named_with_the_nearest() -> None:
    check_names("method", ["async"], ("async", "speculative"))
    with pytest.raises(UnknownNameError, match=r"unknown method 'asink'\. Did you mean 'async'\?"):
        check_names("method", ["async", "asink"], ("async", "speculative"))
