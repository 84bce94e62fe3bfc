"""``ahasd hardware``: presets and their sources."""

import typer

from ahasd.cli.show import show as show_text

hardware = typer.Typer(no_args_is_help=True, help="Show hardware presets.")


@hardware.callback()
def _group() -> None:
    """Keep `show` a subcommand, so that others can join it."""


@hardware.command("show")
def show(preset: str = typer.Argument(help="A preset or a YAML file.")) -> None:
    """Print a preset with the source of every constant; edit it and pass the file to --hardware."""
    from ahasd.hardware.preset.preset import load_preset

    show_text(load_preset(preset).to_yaml())
