"""Write the tables of `make demo` into the README.

Usage: ``python scripts/update_readme.py``. A test checks that the README holds what this writes.
"""

import re
from pathlib import Path

from ahasd.explore.compare import compare
from ahasd.report.comparison import markdown_table, ratio_rows
from ahasd.systems.configuration import RunConfiguration

README = Path(__file__).parent.parent / "README.md"
SYSTEMS = ("npu", "npu-pim-async", "npu-pim-async+aau", "ahasd", "pim-autoregressive")
HARDWARE = ("module-mac", "module-op", "rank-compute", "rank-both")
SEEDS = range(5)


def demo_tables() -> str:
    """Run what `make demo` runs and lay out its two tables of ratios."""
    base = RunConfiguration.checked(pair="llama2-7b:llama2-13b", algorithm="adaedl:calibrated")
    cells = compare(base, SYSTEMS, HARDWARE, SEEDS)
    return "\n".join(markdown_table(*ratio_rows(cells, quantity)) for quantity in ("throughput", "energy"))


def with_tables(readme: str, tables: str) -> str:
    """Replace what stands between the markers."""
    return re.sub(
        r"(<!-- demo -->\n).*?(<!-- /demo -->)", lambda m: f"{m[1]}{tables}{m[2]}", readme, flags=re.DOTALL
    )


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8"), demo_tables()), encoding="utf-8")
