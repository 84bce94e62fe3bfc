"""``ahasd hardware``: presets and their sources, and devices of measured times."""

import typer

from ahasd.cli.hardware_import import import_measurements
from ahasd.cli.help_layout import help_layout
from ahasd.cli.show import show as show_text

hardware = typer.Typer(
    no_args_is_help=True, rich_markup_mode=help_layout(), help="Show presets, import measurements."
)
hardware.command("import")(import_measurements)


@hardware.command("show")
def show(preset: str = typer.Argument(help="A preset or a YAML file.")) -> None:
    """Print a preset with the source of every constant; edit it and pass the file to --hardware."""
    from ahasd.hardware.preset.preset import load_preset
    from ahasd.plain_text import one_line

    found = load_preset(preset)
    described = f"{found.hardware.description[0].upper()}{found.hardware.description[1:]}"
    show_text(f"# {one_line(described)}.\n# Edit this and pass the file to --hardware.\n{found.to_yaml()}")
