"""``ahasd hardware``: presets and their sources."""

import typer

from ahasd.cli.help_layout import help_layout

hardware = typer.Typer(no_args_is_help=True, rich_markup_mode=help_layout(), help="Show hardware presets.")


@hardware.callback()
def _group() -> None:
    """Keep `show` a subcommand, so that others can join it."""


@hardware.command("show")
def show(preset: str = typer.Argument(help="A preset or a YAML file.")) -> None:
    """Print a preset with the source of every constant; edit it and pass the file to --hardware."""
    from ahasd.hardware.preset.preset import load_preset

    found = load_preset(preset)
    typer.echo(f"# {found.hardware.description[0].upper()}{found.hardware.description[1:]}.")
    typer.echo("# Edit this and pass the file to --hardware.")
    typer.echo(found.to_yaml(), nl=False)
