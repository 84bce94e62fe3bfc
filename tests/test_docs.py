"""Pages of the documentation: lines that fit an editor, commands that work, links that lead somewhere."""

import ast
import importlib.util
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ahasd.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_beside_tables_and_code_is_longer_than_120_characters(page: Path) -> None:
    long, in_code = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
        in_code = in_code != line.startswith("```")
        if len(line) > 120 and not in_code and not line.startswith("|"):
            long.append(number)
    assert long == []


#: Pages whose commands and Python are run as they stand.
RUN = ("index.md", "pays.md", "mixture.md")


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of the blocks of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", RUN)
def test_what_a_page_says_to_type_works(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("vl_convert")  # of `ahasd report`
    monkeypatch.chdir(tmp_path)
    ran = 0
    for language, text in blocks(page):
        if language == "python":
            exec(compile(text, page, "exec"), {})
            ran += 1
            continue
        for line in text.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["ahasd"]:
                monkeypatch.setattr(sys, "argv", words)
                with pytest.raises(SystemExit) as ending:
                    main()
                assert (line, ending.value.code) == (line, 0)
                assert capsys.readouterr().out.strip()
                ran += 1
            else:
                assert words[:2] == ["pip", "install"]
    assert ran


#: Pages that show a whole file of `examples/`.
GUIDES = ("extend/policy.md", "extend/device.md", "extend/family.md")


@pytest.mark.parametrize("page", GUIDES)
def test_a_guide_shows_a_whole_example_of_less_than_sixty_lines(page: str) -> None:
    shown = [
        re.fullmatch(r'--8<-- "(examples/\S+)"\n', text)
        for language, text in blocks(page)
        if language == "python"
    ]
    assert len(shown) == 1
    assert shown[0] is not None  # a formatter may take it for Python
    assert 10 < lines_of_code((ROOT / shown[0][1]).read_text(encoding="utf-8")) < 60


def lines_of_code(text: str) -> int:
    """Lines that are neither blank, nor documentation, nor imports."""
    others: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node = node.body[0]
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        others |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and number not in others for number, line in enumerate(text.splitlines(), 1)
    )


def test_every_page_of_the_site_is_there_and_in_its_contents() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    docs = ROOT / "docs"
    there = {str(path.relative_to(docs)) for path in docs.rglob("*.md")}
    assert listed == {path for path in there if not path.startswith(("systems/", "studies/"))}


def test_words_of_the_glossary_are_there_once_and_links_to_them_lead_somewhere() -> None:
    words = re.findall(
        r"^## (.+)$", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    anchors = [word.lower().replace(" ", "-") for word in words]
    assert len(anchors) == len(set(anchors))
    for page in PAGES:
        for anchor in re.findall(r"glossary\.md#([\w-]+)", page.read_text(encoding="utf-8")):
            assert anchor in anchors, (page, anchor)


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_first_use_of_a_word_leads_to_the_glossary_and_names_stay() -> None:
    linked = hook("site_glossary").linked
    words = ["Draft", "Token tree", "Trace"]
    text = (
        "# Draft\n\nA `draft` of\nthe [trace](x.md): Drafts, drafts.\n\n"
        "| draft |\n\n```\ndraft\n```\n\ntoken\ntrees"
    )
    assert linked(text, words, "") == text.replace("Drafts,", "[Drafts](glossary.md#draft),").replace(
        "token\ntrees", "[token\ntrees](glossary.md#token-tree)"
    )
    assert linked("drafting a trace", words, "extend") == "drafting a [trace](../glossary.md#trace)"
    assert (
        linked("[a](glossary.md#trace) trace, redraft", words, "") == "[a](glossary.md#trace) trace, redraft"
    )


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_every_page_for_readers_leads_to_the_glossary(page: str) -> None:
    if page in ("glossary.md", "api.md"):
        return
    module, docs = hook("site_glossary"), ROOT / "docs"
    words = module.words_of((docs / "glossary.md").read_text(encoding="utf-8"))
    assert "glossary.md#" in module.linked((docs / page).read_text(encoding="utf-8"), words, "")


def test_links_out_of_the_pages_become_names_and_others_stay() -> None:
    module = hook("site_links")
    assert module.inside_only("see [it](../src/a.py#L3)", "") == "see it (`src/a.py`)"
    assert module.inside_only("[src/a.py](../../src/a.py)", "extend") == "src/a.py"
    for stays in ("[it](model.md#x)", "[it](../model.md)", "![it](../../x.png)", "[it](#here)"):
        assert module.inside_only(stays, "studies") == stays
