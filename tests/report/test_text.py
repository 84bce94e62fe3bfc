"""Text of fixed width."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ahasd.report.text import display_width, fold, folded, pad, paragraphs

WORDS = st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=9), max_size=12)


@given(WORDS, st.integers(1, 30))
def test_folding_keeps_every_character_fits_and_breaks_no_word_that_has_room(
    words: list[str], width: int
) -> None:
    lines = fold(" ".join(words), width)
    assert "".join(lines).replace(" ", "") == "".join(words)
    whole = [word for word in words if display_width(word) <= width]
    assert set(whole) <= set(" ".join(lines).split())
    for line in lines:
        assert display_width(line) <= width or len(line) == 1  # a wide character where there is room for half
    for line, following in pairwise(lines) if whole == words else ():
        assert display_width(f"{line} {following.split()[0]}") > width


def test_a_word_without_room_breaks_behind_what_joins_its_parts() -> None:
    trace = "of synthetic:acceptance=0.8,auc=0.7"
    assert fold(trace, 24) == ["of", "synthetic:acceptance=", "0.8,auc=0.7"]
    assert fold("  " + "a" * 10, 8) == ["  aaaaaa", "  aaaa"]
    assert fold("模型模型", 4) == ["模型", "模型"]


def test_padding_counts_columns_and_cuts_nothing() -> None:
    assert pad("模型", 6, "left") == "模型  "
    assert pad("模型", 6, "right") == "  模型"
    assert pad("too long", 3, "right") == "too long"


def test_prose_breaks_at_spaces_and_not_within_names() -> None:
    lines = paragraphs(["choose jetson-agx-orin or rtx-4090-laptop"], 24, indent="  ")
    assert lines == ["choose jetson-agx-orin", "  or rtx-4090-laptop"]
    assert paragraphs([""], 24) == []


def test_lines_of_an_answer_are_folded_under_their_beginning_and_commands_are_not() -> None:
    text = "A sentence of some words.\n  a row of words\n\nRun it: ahasd run --system ahasd --tokens 64\n"
    assert folded(text, 12).split("\n") == [
        *("A sentence", "of some", "words."),
        *("  a row of", "    words"),
        *("", "Run it: ahasd run --system ahasd --tokens 64", ""),
    ]
    assert folded(text, 80) == text
