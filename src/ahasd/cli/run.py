"""``ahasd run``: simulate one configuration."""

from pathlib import Path

import typer

from ahasd.cli.run_options import Given, with_run_options
from ahasd.cli.show import show, show_answer
from ahasd.systems.families import run_options


@with_run_options(*run_options())
def run(
    given: Given,
    config: Path | None = typer.Option(None, help="Start from the config.json of an earlier run."),
    details: bool = typer.Option(False, "--details", help="Print all figures and notes."),
    breakdown: bool = typer.Option(False, help="Show time, bytes and bound of every operator."),
    energy_range: bool = typer.Option(
        False, help="Also give energy as intervals over the ranges of its constants (two more runs)."
    ),
    timeline: Path | None = typer.Option(None, help="Write the schedule as Chrome-trace JSON."),
    json_: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    output: Path | None = typer.Option(
        None,
        "--output",
        "-o",
        help="Folder for results.json, metrics.txt, config.json and details.json (nothing is written without it).",
    ),
) -> None:
    """Simulate a draft and a target model on a system, and say whether speculation pays."""
    from ahasd.cli.configuration import configuration_from
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.quiet import is_quiet
    from ahasd.cli.screen import show_screen, terminal
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError
    from ahasd.report.files import check_file_writable, check_writable, to_compact_json, to_json, write_files
    from ahasd.report.pictures.columns import details_document
    from ahasd.report.pictures.views import view_of
    from ahasd.report.run.metrics import metrics_text
    from ahasd.systems.simulate import start

    simulation = start(configuration_from(config, given))
    if output is not None:
        check_writable(output)
    if timeline is not None:
        check_file_writable(timeline)
    with progress_bar("tokens") as advance:
        wanted = simulation.work
        simulation.simulate(lambda done: advance(min(done, wanted), wanted))
        result = simulation.result()
    text, document = metrics_text(result), result.model_dump(mode="json")
    operators, beside = None, ""
    if energy_range or breakdown:
        from ahasd.speculation.run import SpeculationRun

        if not isinstance(simulation, SpeculationRun):
            raise AhasdError(
                f"--energy-range and --breakdown are there for speculation, not for {result.family} ({result.system})"
            )
        if energy_range:
            from ahasd.experiments.energy_range import energy_range as over_ranges
            from ahasd.report.run.energy_range import energy_range_document, energy_range_text

            ranges = over_ranges(simulation.asked, simulation)
            beside = f"\n{energy_range_text(ranges)}"
            document |= {"energy_range": energy_range_document(ranges)}
        if breakdown:
            from ahasd.report.run.breakdown import breakdown_text

            operators = breakdown_text(simulation.placed, simulation.outcome)
            on_screen = breakdown_text(simulation.placed, simulation.outcome, width=None)
    if timeline is not None:
        from ahasd.report.run.chrome_trace import chrome_trace

        write_files(timeline.parent, {timeline.name: to_json(chrome_trace(simulation.outcome))})
        say_written(timeline)
    view = view_of(document, "the run")
    if output is not None:
        files = {
            "results.json": to_json(document),
            "metrics.txt": text + beside,
            "config.json": to_json(simulation.frozen().model_dump(mode="json", exclude_none=True)),
            "details.json": to_compact_json(details_document(view.details(simulation))),
        }
        if operators is not None:
            files["breakdown.txt"] = operators
        write_files(output, files)
        say_written(*(output / name for name in files))
    if json_:
        show(to_json(document))
        return
    if details:
        show_answer(metrics_text(result, width=None))
    else:
        from ahasd.report.screen.run import run_screen

        show_screen(run_screen(result, view.details(simulation), terminal(), hint=not is_quiet()))
    if beside:
        show_answer(beside)
    if operators is not None:
        show_answer(f"\n{on_screen}")
