"""Pages of the documentation: lines that fit an editor, commands that work, links that lead somewhere."""

import ast
import importlib.util
import re
import shlex
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import ModuleType

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from ahasd.cli import main
from ahasd.cli.app import app

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


#: Pages whose commands and Python are run as they stand, always.
RUN = ("index.md", "pays.md", "mixture.md", "report.md")

#: Commands of pages that are not run by a test of pages, by what they need.
NEEDS = {
    "a file of the reader's": r"DIR|FILE|config\.json|\.(onnx|pt2|wav|flac|jsonl|txt|csv|tsv|gguf)\b|"
    r"\b(my|mine|my-eagle3|times|graph|target|heads|pages|probe)\.",
    "weights": r"smollm2|^ahasd (generate|predict|bench|probe|transcribe|moe (run|gate)|attention (run|calibrate))",
    "two machines, or a browser": r"--party|^ahasd explore",
    "minutes": r"--all|^ahasd (claims|sensitivity|study|search|cost|validate)|--frontier|--batch 1,4,16|opt-1\.3b",
}


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of the blocks of a page."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """The words of all commands in its blocks, without what the shell does with their output."""
    lines = [line for _, text in blocks(page) for line in text.replace("\\\n", " ").splitlines()]
    found = [shlex.split(line, comments=True) for line in lines if line.startswith("ahasd ")]
    return [list(takewhile(lambda word: word not in (">", "|", "&&"), words)) for words in found]


def parse(words: list[str]) -> None:
    """See that a command has these options, and that they take such values, without running it."""
    command, arguments, parent, name = get_command(app), words[1:], None, words[0]
    while True:
        context = command.make_context(name, list(arguments), parent=parent)
        if not isinstance(command, TyperGroup):
            return
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, command, arguments = command.resolve_command(context, rest)
        parent = context


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_have_the_options_that_it_gives_them(page: Path) -> None:
    for words in commands(page):
        parse(words)


def test_an_option_that_is_not_there_would_be_found() -> None:
    with pytest.raises(Exception, match="--nonsense"):
        parse(["ahasd", "moe", "plan", "gpt-oss-120b", "--nonsense", "3"])


@dataclass
class Shell:
    """Runs commands in this process, in a folder of their own."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, words: list[str]) -> None:
        self.monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ending:
            main()
        assert (words, ending.value.code) == (words, 0)
        assert self.capsys.readouterr().out.strip()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


@pytest.mark.parametrize("page", RUN)
def test_what_a_page_says_to_type_works(page: str, shell: Shell) -> None:
    pytest.importorskip("vl_convert")  # of `ahasd report`
    pytest.importorskip("altair")
    asked = commands(ROOT / "docs" / page)
    for words in asked:
        shell.run(words)
    for language, text in blocks(ROOT / "docs" / page):
        if language == "python":
            exec(compile(text, page, "exec"), {})
        elif language == "":
            assert all(line.startswith(("ahasd ", "pip install ")) for line in text.splitlines())
    assert asked


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in RUN and commands(page)], ids=str)
def test_commands_of_all_other_pages_work_but_for_those_that_need_more(page: Path, shell: Shell) -> None:
    pytest.importorskip("vl_convert")
    for words in commands(page):
        line = " ".join(words)
        if not any(re.search(needs, line) for needs in NEEDS.values()):
            shell.run(words)


#: Pages that show a whole file of `examples/`.
GUIDES = ("extend/policy.md", "extend/device.md", "extend/family.md")


@pytest.mark.parametrize("page", GUIDES)
def test_a_guide_shows_a_whole_example_of_less_than_sixty_lines(page: str) -> None:
    shown = [
        re.fullmatch(r'--8<-- "(examples/\S+)"\n', text)
        for language, text in blocks(ROOT / "docs" / page)
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
