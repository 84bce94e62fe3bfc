"""``ahasd ablation``: what each part of AHASD adds."""

from pathlib import Path

import typer

from ahasd.cli.run_options import EnergyRange, Given, Seeds, with_run_options
from ahasd.cli.running import EngineName, Fresh, Scheduler, StoreFile
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine
from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.speculation.run_options import SpeculationOptions

#: Under this one drafts are as long on every system (see `ahasd.systems.suites`).
DEFAULT_ALGORITHM = "adaedl:calibrated"


# The parts are what the systems add, so that --set, which could add them too, is not offered.
@with_run_options(
    SpeculationOptions,
    without=("system", "hardware", "seed", "set"),
    defaults={"algorithm": DEFAULT_ALGORITHM},
)
def ablation(
    given: Given,
    all_: bool = typer.Option(
        False,
        "--all",
        help="Means over three pairs and four algorithms, as the paper's; --pair and --algorithm narrow it.",
    ),
    hardware: str = typer.Option(
        DEFAULT_PRESET, help="A preset or a YAML file; the GPU is the `gpu` system's own."
    ),
    seeds: Seeds = 5,
    energy_range: EnergyRange = False,
    workers: int = typer.Option(1, min=1, help="Processes."),
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
    json_: bool = typer.Option(False, "--json", help="Print the figures as JSON."),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for results.csv, ablation.md, ablation.json."
    ),
) -> None:
    """Add AAU, EDC and TVC to asynchronous drafting one after the other; the paper's figures stand beside ours."""
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.experiments.ablation import ablate
    from ahasd.report.comparison.ablation import ablation_document, ablation_page, ablation_text
    from ahasd.report.comparison.runs_csv import runs_csv
    from ahasd.report.files import check_writable, to_json, write_files
    from ahasd.speculation.configuration import RunConfiguration
    from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

    base = RunConfiguration.checked(**{"algorithm": DEFAULT_ALGORITHM} | given)
    if output is not None:
        check_writable(output)
    with running(workers, store, fresh, engine, scheduler) as by:
        found = ablate(
            base,
            PAIRS if all_ and "pair" not in given else [base.pair],
            CALIBRATED_ALGORITHMS if all_ and "algorithm" not in given else [base.algorithm],
            hardware,
            range(seeds),
            by,
            energy_range=energy_range,
        )
    document = to_json(ablation_document(found))
    if output is not None:
        files = {
            "results.csv": runs_csv(found.cells),
            "ablation.md": ablation_page(found),
            "ablation.json": document,
        }
        write_files(output, files)
        say_written(*(output / name for name in files))
    show_answer(document if json_ else ablation_text(found), data=json_)
