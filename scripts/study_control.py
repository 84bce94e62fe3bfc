"""Write docs/studies/control.md: what EDC, TVC and ahasd-plus are worth, and what bounds them.

Takes some ten minutes of a core; ``--tokens`` and ``--seeds`` make it shorter and rougher.
"""

import argparse
from pathlib import Path

from ahasd.explore.control_study import (
    control_cells,
    mapping_cells,
    preverification_points,
    sweep_points,
)
from ahasd.report import control_study as report


def main() -> None:
    """Run the study and write the document; findings below its marker are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/studies"))
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    controls = list(control_cells(given.tokens, given.seeds))
    mappings = list(mapping_cells(given.tokens))
    sweeps = [*sweep_points(given.tokens, given.seeds), *preverification_points(given.tokens, given.seeds)]
    parts = [
        report.INTRODUCTION + (given.output / "control.findings.md").read_text(encoding="utf-8"),
        "## Control on AHASD's own mapping\n\nTokens per second on prompts on which the static control was not "
        "tuned; shares are (T - T_static) / (T_bound - T_static).",
        report.control_summary(controls),
        report.control_table(controls),
        "## Mapping: ahasd-plus against every fixed system\n\nAdaEDL, the same prompts for all.",
        report.mapping_table(mappings),
        "The gain over `ahasd` as two factors:",
        report.factors_table(mappings),
        "## Where EDC, TVC and goodput help\n\nThroughput over plain asynchrony (batches of four, the oldest "
        f"verified first), one parameter at a time from {report.middle()}; passes take 100 ms whatever their width.",
        report.sweep_tables(sweeps),
    ]
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "control.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
