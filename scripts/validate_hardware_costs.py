"""Compute what the controllers cost in area and exit with 0 only if that is below 3 % of the die.

Usage: ``python3 scripts/validate_hardware_costs.py [--die-mm2 50] [--node 28]``. It synthesises the hardware (yosys
and the osu018 cells, a minute or two) and prints the report of ``ahasd cost``, then the computed overhead, whatever
it is: cells of the controllers and of the AAUs of all ranks, scaled by the main rule, before placement.
"""

import argparse
import sys

from ahasd.cli.rtl import require_amaranth
from ahasd.errors import AhasdError


def main() -> int:
    """Compute, print, judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--die-mm2", type=float, default=50.0, help="die area, mm2 (50: follows from the paper)"
    )
    parser.add_argument("--node", type=int, default=28, help="process, nm")
    given = parser.parse_args()
    require_amaranth()
    from ahasd.report.hardware_cost.cost import cost_text
    from ahasd.rtl.parameters import HardwareParameters
    from ahasd.rtl.synthesis.cost import check_die, hardware_cost, synthesize_all
    from ahasd.rtl.synthesis.die_share import die_share
    from ahasd.rtl.synthesis.published import MOST_OVERHEAD
    from ahasd.rtl.synthesis.scaling import UTILISATION, area_scaling
    from ahasd.rtl.synthesis.workload import controller_workload

    parameters = HardwareParameters()
    check_die(given.die_mm2)
    area_scaling(given.node)
    modules, workload = synthesize_all(parameters), controller_workload()
    cost = hardware_cost(parameters, modules, given.node, workload.batches, workload.decisions_per_second)
    print(cost_text(cost, given.die_mm2))
    share = die_share(cost, given.die_mm2)
    print(
        f"computed overhead: {share.cells:.2%} of {given.die_mm2:g} mm2 "
        f"({share.placed:.2%} placed at {UTILISATION:.0%})"
    )
    cells, placed = ("below" if below else "NOT below" for below in (share.cells_below, share.placed_below))
    print(f"{cells} {MOST_OVERHEAD:.0%} in cells; {placed} {MOST_OVERHEAD:.0%} placed")
    return 0 if share.cells_below else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AhasdError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
