"""``ahasd search``: the best configurations of a space, under constraints."""

from pathlib import Path

import typer

from ahasd.cli.running import StoreFile
from ahasd.cli.show import show_answer
from ahasd.experiments.executors.engine import Engine


def search(
    file: Path = typer.Argument(metavar="FILE.yaml", help="The space, its constraints and where to begin."),
    objectives: str | None = typer.Option(
        None,
        metavar="FIGURE:max,FIGURE:min",
        show_default="the file's, else tokens_per_second:max,joules_per_token:min",
        help="Figures of the results, or area_mm2.",
    ),
    budget: int = typer.Option(200, min=1, help="Points that are proposed."),
    method: str = typer.Option("nsga2", help="nsga2, tpe, random or exhaustive."),
    seed: int = typer.Option(0, min=0, help="Of all that chance decides, with one worker."),
    workers: int = typer.Option(1, min=1, help="Processes."),
    store: StoreFile = None,
    output: Path | None = typer.Option(None, "--output", "-o", help="Folder for search.json and search.txt."),
    json_: bool = typer.Option(False, "--json", help="Print all of it as JSON."),
) -> None:
    """Find the points of a space that no other beats in every objective; what was run before is not run again."""
    from dataclasses import replace

    from ahasd.cli.running import running
    from ahasd.cli.written import say_written
    from ahasd.errors import UnknownNameError
    from ahasd.experiments.search.definition import Method, read_search
    from ahasd.experiments.search.optimise import Effort, search_space
    from ahasd.experiments.sweep.objective import read_objectives
    from ahasd.report.files import check_writable, to_json, write_files
    from ahasd.report.sweep.search import search_document, search_text
    from ahasd.text_files import read_text
    from ahasd.yaml_text import parse_yaml

    if method not in list(Method):
        raise UnknownNameError("method", method, list(Method))
    where = f"search '{file}'"
    asked = read_search(parse_yaml(read_text(file, "search"), where), where)
    if objectives is not None:
        asked = replace(asked, objectives=read_objectives(objectives))
    if output is not None:
        check_writable(output)
    with running(workers, store, False, Engine.LOCAL, None, "points") as by:
        found = search_space(asked, Effort(Method(method), budget, seed), by)
    document, text = to_json(search_document(found)), search_text(found)
    if output is not None:
        write_files(output, {"search.json": document, "search.txt": text})
        say_written(output / "search.json", output / "search.txt")
    show_answer(document if json_ else search_text(found, width=None), data=json_)
