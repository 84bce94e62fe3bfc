"""``ahasd private``: inference by two parties of which neither shows its data."""

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.private_optimise import optimise
from ahasd.cli.private_plan import plan
from ahasd.cli.private_run import run

private = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=help_layout(),
    help="Inference by two parties, neither of which shows its data: bytes, widths, and a real run.",
)
private.command("plan")(plan)
private.command("optimise")(optimise)
private.command("run")(run)
