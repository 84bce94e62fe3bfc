"""Pages in Markdown with lines that are not too long."""

import re

from ahasd.report.markdown import WIDTH, wrapped

LONG = " ".join(["word"] * 60)


def test_a_long_paragraph_is_broken_and_keeps_its_words() -> None:
    lines = wrapped(LONG).split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines) == LONG


def test_short_lines_stay_where_they_are() -> None:
    page = "# Title\n\nTwo lines\nof prose.\n\n- one\n- two\n"
    assert wrapped(page) == page


def test_a_list_item_goes_on_under_its_text() -> None:
    first, second, *_ = wrapped(f"- {LONG}\n- short").split("\n")
    assert first.startswith("- word")
    assert second.startswith("  word")
    assert wrapped(f"- {LONG}\n- short").endswith("\n- short")


def test_tables_code_headings_and_comments_stay_whole() -> None:
    page = f"# {LONG}\n\n| {LONG} |\n\n```\n{LONG}\n```\n\n<!-- {LONG} -->\n"
    assert wrapped(page) == page


def test_wrapping_twice_changes_nothing_more() -> None:
    page = f"{LONG}\n\n1. {LONG}\n   {LONG}\n\n  * {LONG}\n"
    once = wrapped(page)
    assert wrapped(once) == once
    assert re.sub(r"\s+", " ", once) == re.sub(r"\s+", " ", page)
