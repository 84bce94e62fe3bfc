"""A table says the same in every layout: each is read back by a reader that is not ours."""

import csv
from html.parser import HTMLParser
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.report.table import LEAST_WRAPPED, Table, left, right, unrounded
from ahasd.report.text import display_width

TABLE = Table(
    (*left("system"), *right("tokens/s", "J/token"), *left("why")),
    (("npu", "4.02", "0.5", "it fits"), ("ahasd|x", "15.3", "", "a < b & 'c'\n\"d\", e")),
    "Speeds",
    ("Means over seeds.",),
)

#: Cells as people write them: no control characters, and no spaces at the ends, which padding would hide.
CELLS = st.text(st.characters(blacklist_categories=("C", "Zl", "Zp")), max_size=12).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 4))
    titles = draw(st.lists(CELLS.filter(bool), min_size=columns, max_size=columns))
    sides = draw(st.lists(st.sampled_from([left, right]), min_size=columns, max_size=columns))
    rows = draw(st.lists(st.lists(CELLS, min_size=columns, max_size=columns), max_size=4))
    return Table([side(title)[0] for side, title in zip(sides, titles, strict=True)], rows)


class Reader(HTMLParser):
    """Rows of cells, the caption, and how many columns a cell spans."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption, self.spans, self._cell = "", [], False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.spans += [value for name, value in attributes if name == "colspan"]
        self._cell, self._caption = tag in ("td", "th"), tag == "caption"

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._caption = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data
        if self._caption:
            self.caption += data


def markdown_rows(text: str) -> list[list[str]]:
    """Cells of a table of GitHub's Markdown: pipes part them unless a backslash stands before."""
    rows = []
    for line in text.splitlines():
        assert line.startswith("| ")
        assert line.endswith(" |")
        cells = line.replace("\\|", "\0").split("|")[1:-1]
        rows.append([cell.strip().replace("\0", "|") for cell in cells])
    return rows


@given(tables())
def test_csv_is_read_back(table: Table) -> None:
    head = [column.title for column in table.columns]
    assert list(csv.reader(StringIO(table.csv(), newline=""))) == [head, *map(list, table.rows)]


def test_csv_keeps_lines_within_a_cell_and_all_digits() -> None:
    table = Table(left("a", "b"), [[unrounded(1 / 3), unrounded(None)], ["x\ny", 'z"']])
    assert table.csv() == 'a,b\n0.3333333333333333,\n"x\ny","z"""\n'


@given(tables())
def test_html_is_read_back(table: Table) -> None:
    head = [column.title for column in table.columns]
    assert Reader(table.html()).rows == [head, *map(list, table.rows)]


def test_html_has_title_and_notes_and_aligns_numbers() -> None:
    text = TABLE.html()
    read = Reader(text)
    assert read.caption == "Speeds"
    assert read.rows[-1] == ["Means over seeds."]
    assert read.spans == ["4"]
    assert text.startswith("<table>")
    # Of a head and two rows the second and third of four columns.
    assert text.count('style="text-align: right"') == 6
    assert '<td style="text-align: right">4.02</td>' in text
    assert "<td>it fits</td>" in text


@given(tables())
def test_markdown_is_read_back(table: Table) -> None:
    head, rule, *rows = markdown_rows(table.markdown())
    assert head == [column.title for column in table.columns]
    assert rule == ["---"] * len(table.columns)
    assert rows == [[cell.strip() for cell in row] for row in table.rows]


def test_markdown_keeps_a_cell_on_its_line_and_has_title_and_notes() -> None:
    assert TABLE.markdown() == (
        "### Speeds\n\n"
        "| system | tokens/s | J/token | why |\n"
        "| --- | --- | --- | --- |\n"
        "| npu | 4.02 | 0.5 | it fits |\n"
        "| ahasd\\|x | 15.3 |  | a < b & 'c' \"d\", e |\n"
        "\nMeans over seeds.\n"
    )


def test_markdown_aligns_columns_where_the_page_does() -> None:
    assert TABLE.markdown(aligned=True).splitlines()[3] == "|---|---:|---:|---|"


def test_a_terminal_has_numbers_under_each_other() -> None:
    assert TABLE.terminal() == (
        "Speeds\n"
        "system  tokens/s J/token  why\n"
        "npu         4.02     0.5  it fits\n"
        "ahasd|x     15.3          a < b & 'c' \"d\", e\n"
        "Means over seeds.\n"
    )


def test_a_line_parts_head_and_rows_where_it_is_wanted() -> None:
    lines = Table((*left("a"), *right("b")), [["x", "10"]]).terminal(underlined=True).splitlines()
    assert lines == ["a  b", "----", "x 10"]


def test_columns_of_a_least_width_stand_where_they_stood_whatever_is_in_them() -> None:
    def at(cell: str) -> int:
        return (
            Table((*left("a", least=8), *right("b", least=6), *left("c")), [["x", cell, "C"]])
            .terminal()
            .rindex("C")
        )

    assert at("1") == at("123456") < at("1234567")


@given(tables())
def test_columns_begin_at_the_same_column_of_every_line(table: Table) -> None:
    """Wide and combining characters included: each line is cut where its cells were said to stand."""
    widths = [
        max(map(display_width, [column.title, *(row[place] for row in table.rows)]))
        for place, column in enumerate(table.columns)
    ]
    for line, row in zip(table.terminal().splitlines()[1:], table.rows, strict=True):
        expected = ""
        for place, (cell, column, width) in enumerate(zip(row, table.columns, widths, strict=True)):
            gap = 0 if place == 0 else 1 if column.align == "right" else 2
            blank = " " * (width - display_width(cell))
            expected += " " * gap + (blank + cell if column.align == "right" else cell + blank)
        assert line == expected.rstrip()


def test_wide_and_combining_characters_take_the_columns_that_a_terminal_gives_them() -> None:
    assert [display_width(text) for text in ("±µ–", "模型", "e\u0301", "")] == [3, 4, 1, 0]
    lines = (
        Table((*left("a"), *right("b")), [["模型", "1"], ["e\u0301", "2"], ["xyz", "3"]])
        .terminal()
        .splitlines()
    )
    assert lines == ["a    b", "模型 1", "e\u0301    2", "xyz  3"]


def test_the_widest_column_of_text_is_wrapped_and_numbers_never_are() -> None:
    words = "one two three four five six seven eight nine ten"
    table = Table(
        (*left("name"), *right("number"), *left("why")),
        [["first", "1" * 12, words], ["second", "2", "short"]],
    )
    lines = table.terminal(width=46).splitlines()
    assert max(map(len, lines)) <= 46
    assert " ".join(line[21:] for line in lines[1:-1]) == words
    assert lines[1].startswith("first  " + "1" * 12)
    assert lines[-1].split() == ["second", "2", "short"]
    assert table.terminal() == table.terminal(width=200)
    narrow = table.terminal(width=1).splitlines()
    assert max(len(line[21:]) for line in narrow) <= LEAST_WRAPPED


def test_heads_are_wrapped_above_their_column_and_what_lacks_least_is_wrapped_last() -> None:
    table = Table(
        (*left("method"), *right("draft length", "speed-up")),
        [["draft-model", "3", "1.30"], ["if a head were trained for it", "16", "2.01"]],
    )
    assert table.terminal(width=36).splitlines() == [
        "method         draft length speed-up",
        "draft-model               3     1.30",
        "if a head were           16     2.01",
        "trained for it",
    ]
    assert table.terminal(width=30).splitlines() == [
        "                draft",
        "method         length speed-up",
        "draft-model         3     1.30",
        "if a head were     16     2.01",
        "trained for it",
    ]


def test_without_titles_there_is_no_head() -> None:
    table = Table(left("", "", least=3), [["a", "b"]])
    assert table.terminal() == "a    b\n"
    assert table.csv() == "a,b\n"
    assert "<th" not in table.html()
    assert table.markdown().splitlines()[1] == "| --- | --- |"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells where the table has 1 columns"):
        Table(left("a"), [["x", "y"]])
