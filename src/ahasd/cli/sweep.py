"""``ahasd sweep``: many runs of whatever is varied, kept in a store, and what they say together."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.run_options import Given, Jobs, with_run_options
from ahasd.cli.running import EngineName, Fresh, Scheduler
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine
from ahasd.systems.families import run_options

if TYPE_CHECKING:
    from ahasd.experiments.sweep.definition import Sweep

sweep = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Vary anything: run what is not done yet, follow it, read the answer, export the table.",
)

Store = typer.Argument(metavar="STORE", help="Where the sweep is kept: the file of --output.")
Name = typer.Option(
    None, "--sweep", metavar="NAME", show_default="the latest", help="Of several in one store."
)


@sweep.command("run")
@with_run_options(*run_options())
def run(
    given: Given,
    file: Path | None = typer.Argument(None, metavar="[FILE.yaml]", help="The sweep (docs/sweeps.md)."),
    output: Path = typer.Option(..., "--output", "-o", metavar="STORE", help="File that keeps all runs."),
    grid: list[str] = typer.Option(
        [], metavar="KEY=A,B,C", help="Vary a field: an option, or a constant as in --set; may be repeated."
    ),
    sample: int | None = typer.Option(
        None, min=1, help="Draw so many points of the grid.", show_default="all"
    ),
    workers: Jobs = 1,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
) -> None:
    """Run every point that the store does not have; a run that was cut off goes on from there."""
    from ahasd.cli.running import running
    from ahasd.experiments.sweep.kept import chosen_sweep
    from ahasd.experiments.sweep.run_sweep import run_sweep
    from ahasd.report.sweep.status import status_text

    asked = _asked(file, given, grid, sample)
    with running(workers or 1, output, fresh, engine, scheduler, "points") as by:
        run_sweep(asked, by)
        text = status_text([chosen_sweep(by.store, asked.title)])
    show_answer(f"{text}`ahasd sweep show {output}` says what that means.\n")


@sweep.command("status")
def status(
    store: Path = Store, json_: bool = typer.Option(False, "--json", help="Print the counts as JSON.")
) -> None:
    """Say how many points are done, computed and failed, and why."""
    from ahasd.experiments.sweep.kept import kept_sweeps, open_store
    from ahasd.report.files import to_json
    from ahasd.report.sweep.status import status_document, status_text

    with open_store(store) as kept:
        sweeps = kept_sweeps(kept)
    show_answer(to_json(status_document(sweeps)) if json_ else status_text(sweeps), data=json_)


@sweep.command("show")
def show_findings(
    store: Path = Store,
    objective: str = typer.Option(
        "tokens_per_second:max", help="A figure of the results, to be largest (max) or least (min)."
    ),
    name: str | None = Name,
    json_: bool = typer.Option(False, "--json", help="Print all of it as JSON."),
) -> None:
    """Name the best point, and what each field is worth by itself."""
    from ahasd.experiments.sweep.effects import findings
    from ahasd.experiments.sweep.kept import chosen_sweep, open_store
    from ahasd.experiments.sweep.objective import read_objective
    from ahasd.report.files import to_json
    from ahasd.report.sweep.findings import findings_document, findings_text

    wanted = read_objective(objective)
    with open_store(store) as kept:
        chosen = chosen_sweep(kept, name)
    found = findings(chosen, wanted)
    show_answer(
        to_json(findings_document(chosen, found)) if json_ else findings_text(chosen, found), data=json_
    )


@sweep.command("export")
def export_points(
    store: Path = Store,
    output: Path = typer.Option(..., "--output", "-o", metavar="FILE", help="A .csv or .parquet file."),
    name: str | None = Name,
) -> None:
    """Write every point with all its figures as a table."""
    from ahasd.cli.written import say_written
    from ahasd.experiments.sweep.kept import chosen_sweep, open_store
    from ahasd.report.sweep.export import check_export, export

    check_export(output)
    with open_store(store) as kept:
        chosen = chosen_sweep(kept, name)
    export(chosen, output)
    say_written(output)


def _asked(file: Path | None, given: Given, grid: list[str], sample: int | None) -> "Sweep":
    """The sweep of a file, with what was given beside it, or that of options alone."""
    from dataclasses import replace

    from ahasd.cli.grid_option import read_grid
    from ahasd.errors import AhasdError
    from ahasd.experiments.sweep.axis import read_axis
    from ahasd.experiments.sweep.definition import Sample, Sweep, check_sweep, read_sweep
    from ahasd.text_files import read_text
    from ahasd.yaml_text import parse_yaml

    asked = Sweep()
    if file is not None:
        where = f"sweep '{file}'"
        asked = read_sweep(parse_yaml(read_text(file, "sweep"), where), where)
    axes = [read_axis(name, values) for name, values in read_grid(grid).items()]
    named = {axis.name for axis in axes}
    both = named & {name for point in asked.listed for name in point}
    if both:
        raise AhasdError(f"--grid {sorted(both)[0]}: the list of '{file}' has it; take one away")
    asked = replace(
        asked,
        base={
            **asked.base,
            **{name: value for name, value in given.items() if name != "set"},
            **_set(asked, given),
        },
        axes=(*(axis for axis in asked.axes if axis.name not in named), *axes),
        sample=asked.sample if sample is None else Sample(sample),
    )
    check_sweep(asked, f"sweep '{file}'" if file is not None else "--grid")
    return asked


def _set(asked: "Sweep", given: Given) -> Given:
    """Constants of the file and of ``--set``, of which the latter count."""
    from ahasd.experiments.sweep.fields import configuration_values

    if "set" not in given:
        return {}
    before = configuration_values({"set": asked.base["set"]}).get("set", ()) if "set" in asked.base else ()
    return {"set": [*before, *given["set"]]}
