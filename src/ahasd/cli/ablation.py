"""``ahasd ablation``: what each part of AHASD adds."""

from pathlib import Path
from typing import Any

import typer


def ablation(
    pair: str | None = typer.Option(None, show_default="llama2-7b:llama2-13b", help="DRAFT:TARGET"),
    algorithm: str | None = typer.Option(
        None, show_default="adaedl:calibrated", help="See `ahasd list algorithms`."
    ),
    all_: bool = typer.Option(
        False,
        "--all",
        help="Means over three pairs and four algorithms, as the paper's; the two above narrow it.",
    ),
    hardware: str = typer.Option(
        "module-mac", help="A preset or a YAML file; the GPU is the `gpu` system's own."
    ),
    trace: str | None = typer.Option(None, help="As for `ahasd run`."),
    fidelity: str | None = typer.Option(None, show_default="detailed", help="first-order or detailed"),
    tokens: int | None = typer.Option(None, show_default="1024", help="Tokens to generate"),
    prompt_tokens: int | None = typer.Option(None, show_default="128", help="Tokens of the prompt"),
    seeds: int = typer.Option(5, min=1, help="Runs of each, with seeds 0, 1, …"),
    energy_range: bool = typer.Option(
        False, help="Joules per token also over the ranges of the energy constants (three times the runs)."
    ),
    workers: int = typer.Option(1, min=1, help="Processes."),
    output: Path | None = typer.Option(None, help="Folder for results.csv and ablation.md."),
) -> None:
    """Add AAU, EDC and TVC to asynchronous drafting one after the other; the paper's figures stand beside ours."""
    from ahasd.cli.progress import progress_bar
    from ahasd.experiments.ablation import ablate
    from ahasd.report.comparison.ablation import ablation_page
    from ahasd.report.comparison.runs_csv import runs_csv
    from ahasd.report.files import check_writable, write_files
    from ahasd.speculation.configuration import RunConfiguration
    from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

    given: dict[str, Any] = {
        "pair": pair,
        "trace": trace,
        "fidelity": fidelity,
        "tokens": tokens,
        "prompt_tokens": prompt_tokens,
    }
    base = RunConfiguration.checked(**{key: value for key, value in given.items() if value is not None})
    if output is not None:
        check_writable(output)
    with progress_bar("runs") as advance:
        found = ablate(
            base,
            PAIRS if all_ and pair is None else [base.pair],
            CALIBRATED_ALGORITHMS if all_ and algorithm is None else [algorithm or "adaedl:calibrated"],
            hardware,
            range(seeds),
            workers=workers,
            energy_range=energy_range,
            progress=advance,
        )
    text = ablation_page(found)
    if output is not None:
        write_files(output, {"results.csv": runs_csv(found.cells), "ablation.md": text})
    typer.echo(text, nl=False)
