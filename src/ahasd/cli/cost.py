"""``ahasd cost``: what the controllers cost in area and power."""

import typer

from ahasd.cli.rtl import SET, require_amaranth
from ahasd.cli.show import show_answer


def cost(
    node: int = typer.Option(28, help="Process, nm."),
    die_mm2: float = typer.Option(50.0, help="Die of which the share is given, mm²."),
    set_: list[str] | None = SET,
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Synthesise the controllers, scale area and power, and hold the published figures against them."""
    require_amaranth()
    from ahasd.cli.progress import progress_bar
    from ahasd.report.files import to_json
    from ahasd.report.hardware_cost.cost import cost_text
    from ahasd.report.hardware_cost.json import cost_json
    from ahasd.rtl.parameters import parameters_from_settings
    from ahasd.rtl.synthesis.cost import check_die, hardware_cost, synthesize_all
    from ahasd.rtl.synthesis.scaling import area_scaling
    from ahasd.rtl.synthesis.workload import controller_workload

    parameters = parameters_from_settings(set_ or [])
    check_die(die_mm2)
    area_scaling(node)  # before the minute of synthesis
    with progress_bar("synthesis"):
        modules = synthesize_all(parameters)
        workload = controller_workload()
        found = hardware_cost(parameters, modules, node, workload.batches, workload.decisions_per_second)
    show_answer(to_json(cost_json(found, die_mm2)) if json_ else cost_text(found, die_mm2), data=json_)
