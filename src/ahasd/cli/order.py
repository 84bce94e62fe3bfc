"""``ahasd order``: in which order a graph's nodes run, so that the least memory lives at once."""

import sys
from pathlib import Path
from shutil import get_terminal_size

import typer

from ahasd.cli.block_characters import has_blocks
from ahasd.cli.show import show, show_answer

#: Columns of a picture at most, and at least (ours).
WIDEST, NARROWEST = 98, 20


def order(
    file: Path | None = typer.Argument(None, help="A graph: .json, .onnx, or .pt2 of torch.export."),
    network: str | None = typer.Option(None, help="A network built here instead; see `ahasd list networks`."),
    method: str = typer.Option("auto", help="auto, or one that --compare shows."),
    seconds: float = typer.Option(10.0, help="CPU time of each search or solver."),
    aliases: str = typer.Option(
        "copied", help="Where values lie: copied, views (free), in-place (element-wise nodes overwrite)."
    ),
    dim: list[str] = typer.Option([], metavar="NAME=LENGTH", help="A length that an ONNX file leaves open."),
    sram: str | None = typer.Option(None, help="A scratchpad such as 2MB: what does not fit, and its cost."),
    hardware: str | None = typer.Option(
        None,
        show_default="module-mac",
        help="Whose memory takes what does not fit; alone, its scratchpad is meant.",
    ),
    arena: str = typer.Option(
        "auto", help="Offsets by first-fit, best-fit, cp-sat, or the better of the first two."
    ),
    compare: bool = typer.Option(False, "--compare", help="Try every method."),
    execute: bool = typer.Option(
        False, "--execute", help="Run a .pt2 in this order, and measure what lives; needs PyTorch."
    ),
    details: bool = typer.Option(False, "--details", help="List every step."),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="order.json; of an ONNX file also order.onnx, the model in this order."
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Find the order of a graph's nodes in which the fewest bytes live at once, and prove it where that is possible.

    KB and MB are of 1024. Weights are apart: they are there in every order.
    """
    from ahasd.cli.graph_input import read_graph
    from ahasd.cli.order_options import parse_aliases, parse_fit, parse_method, parse_seconds, scratchpad
    from ahasd.cli.order_output import check_output, write_output
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError
    from ahasd.graph_ordering.outcome import examine
    from ahasd.graph_ordering.problem import ordering_problem
    from ahasd.report.files import to_json
    from ahasd.report.ordering.json import ordering_json
    from ahasd.report.ordering.text import ordering_text
    from ahasd.report.text import paragraphs

    if execute and (file is None or file.suffix.lower() != ".pt2"):
        raise AhasdError("--execute runs what torch.export has written; give a .pt2 file")
    wanted = (parse_aliases(aliases), parse_method(method), parse_seconds(seconds), compare, parse_fit(arena))
    if execute and aliases != "copied":
        raise AhasdError(f"--execute keeps every value apart; leave out --aliases {aliases}")
    pad = scratchpad(sram, hardware)
    if output is not None:
        check_output(output, file)
    name, graph = read_graph(file, network, dim)
    found = examine(name, ordering_problem(graph, wanted[0]), *wanted, scratchpad=pad)
    document, ran = ordering_json(found), None
    if execute and file is not None:
        from ahasd.decoding.exported.check import execute_file

        ran = execute_file(file, found.chosen.order)
        document["executed"] = {"peak_bytes": ran.peak_bytes, "outputs_equal": ran.outputs_equal}
    if output is not None:
        write_output(output, file, document)
        say_written(output)
    if json_:
        show(to_json(document))
        return
    width = max(NARROWEST, min(WIDEST, get_terminal_size().columns))
    plain = not has_blocks(sys.stdout.encoding)
    text = ordering_text(found, width, plain, details)
    if ran is not None:
        text += "\n".join(["", *paragraphs([ran.sentence(found.chosen.peak_bytes)], width), ""])
    show_answer(text)
