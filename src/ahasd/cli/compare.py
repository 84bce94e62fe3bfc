"""``ahasd compare``: systems, and whatever else there is to choose, side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ahasd.cli.comma_lists import split_names
from ahasd.cli.run_options import EnergyRange, Given, Seeds, with_run_options
from ahasd.cli.running import EngineName, Fresh, Scheduler, StoreFile
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.speculation.run_options import SpeculationOptions

if TYPE_CHECKING:
    from ahasd.experiments.selection import Selection
    from ahasd.family.family import Family
    from ahasd.speculation.configuration import RunConfiguration

DEFAULT_SYSTEMS = "npu,npu-pim-async,npu-pim-async+aau,ahasd,pim-autoregressive"


@with_run_options(SpeculationOptions, without=("system", "hardware", "seed"), lists=True)
def compare(
    given: Given,
    systems: str | None = typer.Option(
        None,
        "--system",
        "--systems",
        show_default=f"{DEFAULT_SYSTEMS}; with --all every one",
        help="Names, separated by commas.",
    ),
    hardware: str | None = typer.Option(
        None,
        show_default=f"{DEFAULT_PRESET}, and of other systems their own",
        help="Presets or files, separated by commas.",
    ),
    seeds: Seeds = 5,
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder: results.csv, summary.md, ranking.json."
    ),
    json_: bool = typer.Option(False, "--json", help="Print the ranking as JSON."),
    all_: bool = typer.Option(
        False,
        "--all",
        help="Three pairs, four algorithms, every system, unless others are given.",
    ),
    energy_range: EnergyRange = False,
    workers: int | None = typer.Option(
        None, min=1, show_default="1; with --all the cores", help="Processes."
    ),
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
) -> None:
    """Compare what there is to choose and name the best; every option takes several values, separated by commas.

    Ranked by the mean over several seeds, with 95 % intervals; ratios are taken seed by seed. Finished runs are kept:
    a command that was cut off goes on from there.
    """
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError
    from ahasd.experiments.compare import compare as compare_all
    from ahasd.processors import usable_processors
    from ahasd.report.comparison.full_summary import full_summary
    from ahasd.report.comparison.ranking import ranking_document
    from ahasd.report.comparison.runs_csv import runs_csv
    from ahasd.report.comparison.summary import comparison_page, comparison_text
    from ahasd.report.files import check_writable, to_json, write_files

    if systems is not None and not all_ and (other := _other_family(systems)) is not None:
        kept = store is not None or fresh or workers is not None or engine is not Engine.LOCAL or energy_range
        if kept:
            raise AhasdError(
                f"systems of {other.name} run here and are not kept: leave out --workers, --store, --fresh, --engine "
                "and --energy-range"
            )
        _compare_of(other, given, systems, hardware, seeds, output, json_)
        return
    if all_ and output is None:
        raise AhasdError("--all takes a while: give a folder for its results, --output DIR")
    base, selection = _selection(given, systems, hardware, all_)
    if output is not None:
        check_writable(output)
    processes = workers or (usable_processors() if all_ else 1)
    with running(processes, store, fresh, engine, scheduler) as by:
        cells = compare_all(base, selection, range(seeds), by, energy_range=energy_range)
    document = to_json(ranking_document(cells))
    if output is not None:
        summary = full_summary(cells) if all_ else comparison_page(cells)
        write_files(output, {"results.csv": runs_csv(cells), "summary.md": summary, "ranking.json": document})
        say_written(output / "results.csv", output / "summary.md", output / "ranking.json")
    show_answer(document if json_ else comparison_text(cells), data=json_)


def _other_family(systems: str) -> "Family | None":
    """The family of the systems; None if it is speculation."""
    from ahasd.experiments.of_family import one_family

    found = one_family(split_names("--system", systems))
    return None if found.name == "speculation" else found


def _compare_of(
    family: "Family",
    given: Given,
    systems: str,
    hardware: str | None,
    seeds: int,
    output: Path | None,
    json_: bool,
) -> None:
    """Compare systems of a family whose runs are not kept."""
    from ahasd.cli.choices import given_lists
    from ahasd.cli.written import say_written
    from ahasd.experiments.of_family import compare_of_family
    from ahasd.report.comparison.of_family import family_document, family_page, family_table, family_text
    from ahasd.report.files import check_writable, to_json, write_files

    if output is not None:
        check_writable(output)
    lists = given_lists(given, SpeculationOptions)
    machines = None if hardware is None else split_names("--hardware", hardware)
    names = split_names("--system", systems)
    runs = compare_of_family(family, names, machines, lists.options, lists.constants, range(seeds))
    document = to_json(family_document(runs))
    if output is not None:
        table = family_table(runs).csv()
        files = {"results.csv": table, "summary.md": family_page(runs), "ranking.json": document}
        write_files(output, files)
        say_written(*(output / name for name in files))
    show_answer(document if json_ else family_text(runs), data=json_)


def _selection(
    given: Given, systems: str | None, hardware: str | None, all_: bool
) -> "tuple[RunConfiguration, Selection]":
    """What every run has, and what is combined."""
    from ahasd.cli.choices import given_lists
    from ahasd.experiments.selection import Selection
    from ahasd.speculation.configuration import RunConfiguration
    from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

    lists = given_lists(given, SpeculationOptions)
    first = RunConfiguration.checked(**{name: values[0] for name, values in lists.options.items()})
    others = {
        name: [getattr(RunConfiguration.checked(**{name: value}), name) for value in values]
        for name, values in lists.options.items()
        if name not in ("pair", "algorithm")
    }
    names = None if systems is None else split_names("--system", systems)
    return first, Selection(
        pairs=lists.options.get("pair", PAIRS if all_ else (first.pair,)),
        algorithms=lists.options.get("algorithm", CALIBRATED_ALGORITHMS if all_ else (first.algorithm,)),
        systems=names or (() if all_ else split_names("--system", DEFAULT_SYSTEMS)),
        hardware=(DEFAULT_PRESET,) if hardware is None else split_names("--hardware", hardware),
        everywhere=hardware is not None and not all_,
        options=others,
        constants=lists.constants,
    )
