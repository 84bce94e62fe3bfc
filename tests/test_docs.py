"""Pages of the documentation: lines that fit an editor."""

from pathlib import Path

import pytest

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
