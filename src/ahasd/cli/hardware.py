"""``ahasd hardware``: devices that people own, machines of the studies, and measurements of one's own."""

import typer

from ahasd.cli.hardware_import import import_measurements
from ahasd.cli.help_layout import help_layout
from ahasd.cli.show import show as show_text

hardware = typer.Typer(
    rich_markup_mode=help_layout(), help="List devices, show their sources, import measurements."
)
hardware.command("import")(import_measurements)


@hardware.callback(invoke_without_command=True)
def _group(context: typer.Context) -> None:
    """List what there is, unless a command says more."""
    if context.invoked_subcommand is None:
        list_(None, json_=False)


@hardware.command("list")
def list_(
    words: str | None = typer.Argument(None, help="Only what has these words: phones, 'm3 max', npu."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List devices that people own, by class, with how fast each writes, and the machines of the studies."""
    from ahasd.report.files import to_json
    from ahasd.report.hardware_list import hardware_json, hardware_text

    show_text(to_json(hardware_json(words)) if json_ else hardware_text(words))


@hardware.command("show")
def show(preset: str = typer.Argument(help="A preset, a device, or a YAML file.")) -> None:
    """Print a preset with the source of every constant; edit it and pass the file to --hardware."""
    from ahasd.hardware.preset.preset import load_preset
    from ahasd.plain_text import one_line

    found = load_preset(preset)
    described = f"{found.hardware.description[0].upper()}{found.hardware.description[1:]}"
    show_text(f"# {one_line(described)}.\n# Edit this and pass the file to --hardware.\n{found.to_yaml()}")
