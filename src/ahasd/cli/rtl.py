"""``ahasd rtl``: the controllers as Verilog, and their synthesis."""

from pathlib import Path

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.show import show, show_answer

rtl = typer.Typer(no_args_is_help=True, rich_markup_mode=help_layout(), help="The controllers as hardware.")

SET = typer.Option(
    None,
    "--set",
    metavar="KEY=VALUE",
    help="Change a size, e.g. lanes=8, edc.history=16 or queues.feedback=64",
)


def require_amaranth() -> None:
    """See that the hardware description language is installed.

    Raises
    ------
    AhasdError
        It is not.
    """
    from importlib.util import find_spec

    from ahasd.errors import AhasdError

    if find_spec("amaranth") is None:
        raise AhasdError(
            "amaranth is not installed; in the source folder: pip install -c constraints.txt -e '.[rtl]'"
        )


@rtl.command("emit")
def emit(
    output: Path = typer.Option(..., "--output", "-o", help="Folder for a file per module."),
    set_: list[str] | None = SET,
) -> None:
    """Write the hardware as Verilog."""
    require_amaranth()
    from ahasd.report.files import check_writable, write_files
    from ahasd.rtl.parameters import parameters_from_settings
    from ahasd.rtl.synthesis.modules import top_modules
    from ahasd.rtl.synthesis.verilog import emit as emit_verilog

    parameters = parameters_from_settings(set_ or [])
    check_writable(output)
    modules = emit_verilog(top_modules(parameters))
    write_files(output, {f"{name}.v": text for name, text in modules.items()})
    show("".join(f"{output / name}.v\n" for name in sorted(modules)))


@rtl.command("synth")
def synth(
    set_: list[str] | None = SET,
    liberty: Path | None = typer.Option(
        None, show_default="osu018 of Debian's qflow", help="Another cell library"
    ),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Synthesise with yosys: flip-flops, cells, area and longest path of every module (a minute or two)."""
    require_amaranth()
    from ahasd.cli.progress import progress_bar
    from ahasd.report.files import to_json
    from ahasd.report.hardware_cost.cost import synthesis_text
    from ahasd.report.hardware_cost.json import synthesis_json
    from ahasd.rtl.parameters import parameters_from_settings
    from ahasd.rtl.synthesis.cost import synthesize_all

    parameters = parameters_from_settings(set_ or [])
    with progress_bar("synthesis"):
        modules = synthesize_all(parameters, liberty)
    show_answer(to_json(synthesis_json(modules)) if json_ else synthesis_text(modules), data=json_)
