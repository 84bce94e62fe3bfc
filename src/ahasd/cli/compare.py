"""``ahasd compare``: systems side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ahasd.cli.comma_lists import split_names
from ahasd.cli.run_options import EnergyRange, Given, Seeds, with_run_options
from ahasd.cli.show import show
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.speculation.run_options import SpeculationOptions

if TYPE_CHECKING:
    from ahasd.speculation.configuration import RunConfiguration

#: Finished cells of an unfinished ``--all``, beside its results.
CHECKPOINT = "checkpoint.jsonl"

DEFAULT_SYSTEMS = "npu,npu-pim-async,npu-pim-async+aau,ahasd,pim-autoregressive"


@with_run_options(SpeculationOptions, without=("system", "hardware", "seed"))
def compare(
    given: Given,
    systems: str | None = typer.Option(
        None, show_default=f"{DEFAULT_SYSTEMS}; with --all every one", help="Names, separated by commas."
    ),
    hardware: str = typer.Option(DEFAULT_PRESET, help="Presets or files, separated by commas."),
    seeds: Seeds = 5,
    output: Path | None = typer.Option(None, help="Folder for results.csv and summary.md."),
    all_: bool = typer.Option(
        False,
        "--all",
        help="Three pairs, four algorithms, every system, those that need it on hardware of their own; --pair, "
        "--algorithm and --systems narrow it. Needs --output; goes on where it was cut off.",
    ),
    energy_range: EnergyRange = False,
    workers: int | None = typer.Option(None, min=1, show_default="the cores", help="Processes for --all."),
) -> None:
    """Compare systems over several seeds: mean and 95 % interval, ratios seed by seed."""
    from ahasd.cli.progress import progress_bar
    from ahasd.errors import AhasdError
    from ahasd.experiments.compare import compare as compare_systems
    from ahasd.report.comparison.runs_csv import runs_csv
    from ahasd.report.comparison.summary import comparison_page, comparison_text
    from ahasd.report.files import check_writable, write_files
    from ahasd.speculation.configuration import RunConfiguration

    base = RunConfiguration.checked(**given)
    hardware_names = split_names("--hardware", hardware)
    if all_:
        _compare_all(base, given, systems, hardware_names, seeds, output, workers, energy_range)
        return
    if workers is not None:
        raise AhasdError("--workers is for --all; this comparison runs in one process")
    system_names = split_names("--systems", DEFAULT_SYSTEMS if systems is None else systems)
    if output is not None:
        check_writable(output)
    with progress_bar("runs") as advance:
        cells = compare_systems(base, system_names, hardware_names, range(seeds), advance, energy_range)
    text = comparison_text(cells)
    if output is not None:
        write_files(output, {"results.csv": runs_csv(cells), "summary.md": comparison_page(cells)})
    show(text)


def _compare_all(
    base: "RunConfiguration",
    given: Given,
    systems: str | None,
    hardware: list[str],
    seeds: int,
    output: Path | None,
    workers: int | None,
    energy_range: bool,
) -> None:

    from ahasd.cli.progress import progress_bar
    from ahasd.errors import AhasdError
    from ahasd.experiments.full_comparison import Selection, full_grid
    from ahasd.experiments.grid import run_grid
    from ahasd.processors import usable_processors
    from ahasd.report.comparison.full_summary import full_summary
    from ahasd.report.comparison.runs_csv import runs_csv
    from ahasd.report.files import check_writable, write_files
    from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

    if output is None:
        raise AhasdError("--all takes a while: give a folder for its results, --output DIR")
    selection = Selection(
        (base.pair,) if "pair" in given else PAIRS,
        (base.algorithm,) if "algorithm" in given else CALIBRATED_ALGORITHMS,
        split_names("--systems", systems) if systems is not None else (),
        hardware,
    )
    configurations = full_grid(base, selection)
    check_writable(output)
    checkpoint = output / CHECKPOINT
    with progress_bar("runs") as advance:
        cells = run_grid(
            configurations,
            range(seeds),
            workers=workers or usable_processors(),
            checkpoint=checkpoint,
            energy_range=energy_range,
            progress=advance,
        )
    summary = full_summary(cells)
    write_files(output, {"results.csv": runs_csv(cells), "summary.md": summary})
    checkpoint.unlink()
    show(f"{output / 'results.csv'} and {output / 'summary.md'}: {len(cells)} cells of {seeds} runs\n")
