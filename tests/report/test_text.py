"""Text of fixed width."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ahasd.report.text import LEAST_TERMINAL, break_at_spaces, display_width, pad, paragraphs, terminal_width

WORDS = st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=9), max_size=12)


@given(WORDS, st.integers(1, 30))
def test_breaking_at_spaces_keeps_every_word_and_fills_every_line(words: list[str], width: int) -> None:
    lines = break_at_spaces(" ".join(words), width)
    assert " ".join(lines).split() == words
    for line, following in pairwise(lines):
        assert display_width(f"{line} {following.split()[0]}") > width
    for line in lines:
        assert display_width(line) <= width or len(line.split()) == 1


def test_padding_counts_columns_and_cuts_nothing() -> None:
    assert pad("模型", 6, "left") == "模型  "
    assert pad("模型", 6, "right") == "  模型"
    assert pad("too long", 3, "right") == "too long"


def test_prose_breaks_at_spaces_and_not_within_names() -> None:
    lines = paragraphs(["choose jetson-agx-orin or rtx-4090-laptop"], 24, indent="  ")
    assert lines == ["choose jetson-agx-orin", "  or rtx-4090-laptop"]
    assert paragraphs([""], 24) == []


def test_a_narrow_terminal_counts_as_one_that_is_wide_enough(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert terminal_width() == LEAST_TERMINAL
    monkeypatch.setenv("COLUMNS", "200")
    assert terminal_width() == 200
