"""The page: whole in itself, all text escaped, and what cannot be read refused with the reason."""

import json
import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.report.page.html import Section
from ahasd.report.page.images import DATA, image_files
from ahasd.report.page.results import read_results

from .conftest import page_of

HOSTILE = "<script>alert(1)</script>[bold]\x1b[2J"

Refused = Callable[..., str]


class Collected(HTMLParser):
    """Tags with what they point at, and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.pointers: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "xlink:href"):
                self.pointers.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def test_a_page_points_at_nothing_outside_and_has_no_script(ahasd_run: Path, npu_run: Path) -> None:
    text = page_of(ahasd_run, npu_run)
    found = Collected(text)
    assert "script" not in found.tags
    assert all(pointer.startswith(("#", "data:")) for pointer in found.pointers)
    assert "url(http" not in text
    assert "@import" not in text
    assert len(text) < 3_000_000
    assert len(found.ids) == len(set(found.ids))
    assert {pointer[1:] for pointer in found.pointers if pointer.startswith("#")} <= set(found.ids)
    clips = set(re.findall(r"url\(#([^)]+)\)", text))
    assert clips <= set(found.ids)


def test_a_page_says_what_the_results_say(ahasd_run: Path, npu_run: Path) -> None:
    text = page_of(ahasd_run, npu_run)
    for folder in (ahasd_run, npu_run):
        document = json.loads((folder / "results.json").read_text())
        assert document["verdict"]["sentence"] in text
        assert str(document["tokens_per_second"]) in text
        for note in document["notes"]:
            assert escape(note) in text
    assert "Fastest of 2 runs: " in text
    alone = page_of(ahasd_run)
    assert "Fastest of" not in alone
    assert "<nav" not in alone


def test_a_comparison_is_shown_with_its_intervals_and_refusals(ranking: Path) -> None:
    text = page_of(ranking)
    assert "Best for b: ahasd: 6 tokens/s." in text
    assert "gpu on h cannot run: it has no GPU" in text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "[bold]a note" in text
    assert "5.4" in text  # 6 less a tenth


def test_markup_from_files_is_text_everywhere(ahasd_run: Path, tmp_path: Path) -> None:
    document = json.loads((ahasd_run / "results.json").read_text())
    document["pair"] = document["system"] = HOSTILE
    document["hardware"] = document["verdict"]["sentence"] = HOSTILE
    document["notes"] = [HOSTILE]
    document["verdict"]["alternatives"][0]["name"] = HOSTILE
    document["reproduce"] = {HOSTILE: HOSTILE}
    document["devices"][HOSTILE] = document["devices"].pop("npu")
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(document))
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "results.json").write_text(json.dumps(document))
    text = page_of(tmp_path)
    found = Collected(text)
    assert not found.tags & {"script", "img"}
    assert "\x1b" not in text
    assert text.count("&lt;script&gt;") > 8


def test_images_are_of_every_figure(ahasd_run: Path, npu_run: Path) -> None:
    sections = [Section(one.name, one.show()) for one in read_results([ahasd_run, npu_run])]
    files = image_files(sections)
    figures = sum(len(section.shown.figures) for section in sections)
    for suffix, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"")):
        of_kind = [content for name, content in files.items() if name.endswith(f".{suffix}")]
        assert len(of_kind) == figures
        assert all(content.startswith(begins) for content in of_kind)


def test_data_as_parquet_keeps_every_digit(ahasd_run: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from io import BytesIO

    (one,) = read_results([ahasd_run])
    shown = one.show()
    files = image_files([Section(one.name, shown)], DATA["parquet"])
    (energy,) = (figure for figure in shown.figures if figure.name == "energy")
    assert parquet.read_table(BytesIO(files["energy.parquet"])).to_pydict() == energy.columns.document()


def test_a_folder_of_folders_is_read_and_an_empty_one_refused(ahasd_run: Path, tmp_path: Path) -> None:
    assert [one.name for one in read_results([ahasd_run.parent])] == ["ahasd"]
    with pytest.raises(AhasdError, match="holds no results"):
        read_results([tmp_path])
    with pytest.raises(AhasdError, match="does not exist"):
        read_results([tmp_path / "nowhere.json"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not valid JSON: line 1"),
        ("[1]", "must hold one JSON object"),
        ("{}", "is not what a command of ahasd writes"),
        ('{"a": NaN}', "NaN is no number"),
        ("\xff", "not what|not text|not valid"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "results.json").write_text(content, encoding="latin-1")
    with pytest.raises(AhasdError, match=said):
        read_results([tmp_path])[0].show()


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ("{}", "it has no 'tables'"),
        ('{"schema_version": 9, "tables": {}}', "this version reads 1"),
        ('{"schema_version": 1, "tables": {"tasks": {"a": [1], "b": []}}}', "different lengths"),
        ('{"schema_version": 1, "tables": {"tasks": {"a": [[1]]}}}', "neither numbers nor text"),
        ('{"schema_version": 1, "tables": {"tasks": [1]}}', "mapping of names to lists"),
        ('{"schema_version": 1, "tables": {"tasks": {"a": [1]}}}', "tasks"),
    ],
)
def test_damaged_details_are_refused(ahasd_run: Path, tmp_path: Path, details: str, said: str) -> None:
    (tmp_path / "results.json").write_text((ahasd_run / "results.json").read_text())
    (tmp_path / "details.json").write_text(details)
    with pytest.raises(AhasdError, match=said):
        read_results([tmp_path])[0].show()
