"""``ahasd hardware import``: what other programs measured, as a device."""

from pathlib import Path
from typing import cast, get_args

import typer

from ahasd.cli.show import show, show_answer


def import_measurements(
    files: list[Path] = typer.Argument(metavar="FILE...", help="What programs wrote, of any known format."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Where to write the device, as YAML."),
    device: str = typer.Option("", show_default="as the files say", help="Its name."),
    model: str = typer.Option("", help="Name of a target that the files do not name."),
    draft: str = typer.Option("", help="Name of a draft that the files do not name."),
    backend: str | None = typer.Option(
        None, show_default="as the files say", help="Whose kernels ran: llama.cpp-cuda, mlx, pytorch, …"
    ),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Make a device of measured times, for `ahasd plan --device FILE.yaml`.

    Reads llama-bench (JSON, JSONL, CSV, Markdown), llama-batched-bench (JSONL, table), logs of llama-speculative and
    llama-server, results of vLLM's and SGLang's serving benchmarks, AMUSD's logs, a CSV model,width,context,ms, and
    devices that it wrote before.
    """
    from ahasd.cli.comma_lists import check_names
    from ahasd.cli.written import say_written
    from ahasd.hardware.gpu.width.backends import Backend
    from ahasd.hardware.measured.device_file import device_yaml
    from ahasd.hardware.measured.importing.assemble import assemble
    from ahasd.hardware.measured.importing.recognise import read_measurements
    from ahasd.report.files import check_file_writable, to_json, write_files
    from ahasd.report.measured_device import device_json, device_text

    if backend is not None:
        check_names("backend", [backend], get_args(Backend))
    readings = [read_measurements(path) for path in files]
    found = assemble(readings, device, model, draft, cast(Backend | None, backend))
    if output is not None:
        check_file_writable(output)
        write_files(output.parent, {output.name: device_yaml(found.device)})
        say_written(output)
    if json_:
        show(to_json(device_json(found.device, found.remarks)))
    else:
        show_answer(device_text(found.device, found.remarks))
