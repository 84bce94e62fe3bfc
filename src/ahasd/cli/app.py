"""The commands."""

import typer

from ahasd import __version__
from ahasd.cli.ablation import ablation
from ahasd.cli.attention import attention
from ahasd.cli.bench import bench
from ahasd.cli.claims import claims
from ahasd.cli.compare import compare
from ahasd.cli.cost import cost
from ahasd.cli.explore import explore
from ahasd.cli.generate import generate
from ahasd.cli.hardware import hardware
from ahasd.cli.help_layout import help_layout
from ahasd.cli.list import list_names
from ahasd.cli.moe import moe
from ahasd.cli.order import order
from ahasd.cli.plan import plan
from ahasd.cli.predict import predict
from ahasd.cli.private import private
from ahasd.cli.probe import probe
from ahasd.cli.quiet import set_quiet
from ahasd.cli.report import report
from ahasd.cli.rtl import rtl
from ahasd.cli.run import run
from ahasd.cli.search import search
from ahasd.cli.sensitivity import sensitivity
from ahasd.cli.study import study
from ahasd.cli.sweep import sweep
from ahasd.cli.trace import trace
from ahasd.cli.transcribe import transcribe
from ahasd.cli.validate import validate


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ahasd {__version__}")
        raise typer.Exit


app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    pretty_exceptions_enable=False,
    help="Will speculative decoding pay on your hardware, and what does a token cost?",
)


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
    quiet: bool = typer.Option(
        False, "--quiet", "-q", help="Results and errors only: no progress, no names of written files."
    ),
) -> None:
    """Options before the command."""
    set_quiet(quiet)


app.command("run")(run)
app.command("compare")(compare)
app.command("ablation")(ablation)
app.command("generate")(generate)
app.command("transcribe")(transcribe)
app.command("plan")(plan)
app.command("predict")(predict)
app.command("probe")(probe)
app.command("validate")(validate)
app.command("claims")(claims)
app.command("search")(search)
app.command("sensitivity")(sensitivity)
app.command("cost")(cost)
app.command("order")(order)
app.command("report")(report)
app.command("explore")(explore)
app.command("list")(list_names)
app.add_typer(attention, name="attention")
app.add_typer(bench, name="bench")
app.add_typer(hardware, name="hardware")
app.add_typer(private, name="private")
app.add_typer(moe, name="moe")
app.add_typer(rtl, name="rtl")
app.add_typer(study, name="study")
app.add_typer(sweep, name="sweep")
app.add_typer(trace, name="trace")
