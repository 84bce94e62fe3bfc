"""Every built-in system has a page in docs/systems, whose commands are those that there are."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from ahasd.cli.app import app
from ahasd.systems.families import system_names

PAGES = Path(__file__).parents[2] / "docs" / "systems"
COMMANDS = [
    (page.stem, line)
    for page in sorted(PAGES.glob("*.md"))
    for block in re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("system", system_names())
def test_a_system_has_a_page_with_a_command_of_its_own(system: str) -> None:
    """The stages of AHASD share a page: the parts that a name adds stand behind a plus."""
    stem = system.split("+")[0]
    assert f"`{system}`" in (PAGES / f"{stem}.md").read_text(encoding="utf-8").splitlines()[0]
    assert any(page == stem and re.search(rf"\b{stem}\b|ahasd ablation", line) for page, line in COMMANDS)


def test_every_page_is_of_a_system_or_says_why_there_is_none() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == {name.split("+")[0] for name in system_names()} | {
        "saddle"
    }


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_commands_of_the_pages_have_the_options_that_they_use(page: str, line: str) -> None:
    program, command, *arguments = shlex.split(line, comments=True)
    assert program == "ahasd"
    group = typer.main.get_command(app)
    found = group.get_command(None, command)  # type: ignore[attr-defined,arg-type]
    found.make_context(command, arguments)  # parses and checks, runs nothing


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([^):]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), (page.name, target)
