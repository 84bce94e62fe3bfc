"""``ahasd study``: longer investigations, each of which writes a document."""

import os
from pathlib import Path

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.run_options import Jobs, Seeds, Tokens
from ahasd.cli.running import EngineName, Fresh, Scheduler, StoreFile
from ahasd.cli.show import show
from ahasd.experiments.executors.engine import Engine

study = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Longer investigations, each of which writes a document.",
)

#: Lies beside the document and is put at its head: what people read out of the tables.
FINDINGS = "control.findings.md"


@study.command("control")
def control(
    tokens: Tokens = 512,
    seeds: Seeds = 4,
    pair: str | None = typer.Option(None, show_default="all three", help="Only these costs, DRAFT:TARGET."),
    jobs: Jobs = None,
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
    output: Path | None = typer.Option(
        None, "--output", "-o", help=f"Folder for control.md; its {FINDINGS}, if there is one, goes in."
    ),
) -> None:
    """Measure what EDC, TVC and control by goodput are worth, between the best static control and its bounds."""
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.control_study import control_page
    from ahasd.report.files import check_writable, write_files
    from ahasd.studies.control.study import study_control
    from ahasd.systems.suites import PAIRS
    from ahasd.text_files import read_text

    pairs = PAIRS if pair is None else (pair,)
    findings = ""
    if output is not None:
        check_writable(output)
        if os.path.lexists(output / FINDINGS):
            findings = read_text(output / FINDINGS, "findings")
    with running(jobs or usable_processors(), store, fresh, engine, scheduler, "parts") as by:
        found = study_control(tokens, seeds, pairs, by)
    page = control_page(found, findings)
    if output is not None:
        write_files(output, {"control.md": page})
        say_written(output / "control.md")
    else:
        show(page)


#: As `FINDINGS`, of the phone study.
PHONE_FINDINGS = "phone.findings.md"


@study.command("phone")
def phone(
    file: Path = typer.Argument(metavar="FILE.yaml", help="The search, such as studies/phone.yaml."),
    budget: int = typer.Option(300, min=1, help="Points that the search proposes."),
    seed: int = typer.Option(0, min=0, help="Of the search."),
    store: StoreFile = None,
    fresh: Fresh = False,
    output: Path | None = typer.Option(
        None, "--output", "-o", help=f"Folder for phone.md; its {PHONE_FINDINGS}, if there is one, goes in."
    ),
) -> None:
    """Search what gives a phone most tokens per joule, and map which of NPU, PIM and both is best where."""
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.experiments.search.definition import read_search
    from ahasd.report.files import check_writable, write_files
    from ahasd.report.phone_study import phone_page
    from ahasd.studies.phone.study import study_phone
    from ahasd.text_files import read_text
    from ahasd.yaml_text import parse_yaml

    where = f"search '{file}'"
    asked = read_search(parse_yaml(read_text(file, "search"), where), where)
    findings = ""
    if output is not None:
        check_writable(output)
        if os.path.lexists(output / PHONE_FINDINGS):
            findings = read_text(output / PHONE_FINDINGS, "findings")
    with running(1, store, fresh, Engine.LOCAL, None, "points") as by:
        found = study_phone(asked, budget, seed, by)
    command = f"ahasd study phone {file} --budget {budget} --seed {seed} --output docs/studies"
    page = phone_page(found, findings, command)
    if output is not None:
        write_files(output, {"phone.md": page})
        say_written(output / "phone.md")
    else:
        show(page)


#: As `FINDINGS`, of SpecPIM's exploration.
SPECPIM_FINDINGS = "specpim.findings.md"


@study.command("specpim")
def specpim(
    file: Path = typer.Argument(metavar="FILE.yaml", help="What to explore, such as studies/specpim.yaml."),
    seed: int = typer.Option(0, min=0, help="Of the searches."),
    jobs: Jobs = None,
    store: StoreFile = None,
    fresh: Fresh = False,
    engine: EngineName = Engine.LOCAL,
    scheduler: Scheduler = None,
    output: Path | None = typer.Option(
        None,
        "--output",
        "-o",
        help=f"Folder for specpim.md; its {SPECPIM_FINDINGS}, if there is one, goes in.",
    ),
    json_: bool = typer.Option(False, "--json", help="Print all that was found as JSON."),
) -> None:
    """Search machines with memory that computes, and what of draft and target to run in it, as SpecPIM does."""
    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.processors import usable_processors
    from ahasd.report.files import check_writable, to_json, write_files
    from ahasd.report.specpim_document import specpim_document
    from ahasd.report.specpim_study import specpim_page
    from ahasd.studies.specpim.definition import read_definition
    from ahasd.studies.specpim.study import study_specpim
    from ahasd.text_files import read_text
    from ahasd.yaml_text import parse_yaml

    where = f"study '{file}'"
    asked = read_definition(parse_yaml(read_text(file, "study"), where), where)
    findings = ""
    if output is not None:
        check_writable(output)
        if os.path.lexists(output / SPECPIM_FINDINGS):
            findings = read_text(output / SPECPIM_FINDINGS, "findings")
    with running(jobs or usable_processors(), store, fresh, engine, scheduler, "parts") as by:
        found = study_specpim(asked, seed, by)
    page = specpim_page(found, findings, f"ahasd study specpim {file} --seed {seed} --output docs/studies")
    if output is not None:
        write_files(output, {"specpim.md": page})
        say_written(output / "specpim.md")
    if json_:
        show(to_json(specpim_document(found)))
    elif output is None:
        show(page)
