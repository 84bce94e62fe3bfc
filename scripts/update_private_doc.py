"""Write the tables of docs/private-inference.md anew.

Usage: ``python scripts/update_private_doc.py``.
"""

from pathlib import Path

from ahasd.report.private.frontier import frontier_tables

PAGE = Path(__file__).parents[1] / "docs" / "private-inference.md"
START, END = "<!-- frontier -->\n", "<!-- /frontier -->"


def main() -> None:
    """Replace what stands between the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    _, after = rest.split(END)
    tables = "\n".join(table.markdown(aligned=True) for table in frontier_tables())
    PAGE.write_text(f"{before}{START}{tables}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
