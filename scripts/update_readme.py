"""Write the tables of `make demo` and of an ablation into the README.

Usage: ``python scripts/update_readme.py``. A test checks that the README holds what this writes.
"""

import re
from dataclasses import replace
from pathlib import Path

from ahasd.experiments.ablation import ablate
from ahasd.experiments.compare import compare
from ahasd.experiments.selection import Selection
from ahasd.report.comparison.ablation import ablation_table
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, ratios_table
from ahasd.speculation.configuration import RunConfiguration

README = Path(__file__).parent.parent / "README.md"
SYSTEMS = ("npu", "npu-pim-async", "npu-pim-async+aau", "ahasd", "pim-autoregressive")
HARDWARE = ("module-mac", "module-op", "rank-compute", "rank-both")
SEEDS = range(5)

PAIR, ALGORITHM = "llama2-7b:llama2-13b", "adaedl:calibrated"
#: Up to the drafts that are wasted; the command shows more.
ABLATION_ROWS = 12


def demo_tables() -> str:
    """Run what `make demo` runs and lay out its two tables of ratios."""
    base = RunConfiguration.checked(pair=PAIR, algorithm=ALGORITHM)
    cells = compare(base, Selection((PAIR,), (ALGORITHM,), SYSTEMS, HARDWARE, everywhere=True), SEEDS)
    return "\n".join(ratios_table(cells, ratio).markdown() for ratio in (THROUGHPUT, ENERGY))


def ablation_rows() -> str:
    """Run what `ahasd ablation` runs on the default reading and lay out its first rows."""
    found = ablate(RunConfiguration.checked(), [PAIR], [ALGORITHM], HARDWARE[0], SEEDS)
    table = ablation_table(found)
    return replace(table, rows=table.rows[:ABLATION_ROWS]).markdown()


def with_block(readme: str, name: str, text: str) -> str:
    """Replace what stands between the markers of a name."""
    return re.sub(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m: f"{m[1]}{text}{m[2]}", readme, flags=re.DOTALL
    )


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    text = with_block(text, "demo", demo_tables())
    README.write_text(with_block(text, "ablation", ablation_rows()), encoding="utf-8")
