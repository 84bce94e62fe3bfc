"""``ahasd probe``: what this machine takes for passes of several rows."""

from pathlib import Path

import typer

from ahasd.cli.show import show, show_answer

#: What is measured unless widths are given: every one up to the switch of the usual kernels, then as drafts grow.
WIDTHS = "1,2,3,4,5,6,7,8,9,12,16,24,32,64"

#: Tokens in the caches of a model, unless said otherwise (ours).
CONTEXT = 128


def probe(
    output: Path | None = typer.Option(None, "--output", "-o", help="Where to write the device, as YAML."),
    widths: str = typer.Option(WIDTHS, help="Rows of the passes, separated by commas."),
    model: Path | None = typer.Option(
        None,
        show_default="a chain of products",
        help="A GGUF file (needs llama-batched-bench) or a folder of a model for transformers.",
    ),
    context: int = typer.Option(CONTEXT, help="Tokens in the caches of a model."),
    seconds: float = typer.Option(60.0, help="For all measurements, loading apart."),
    threads: int | None = typer.Option(
        None, show_default="all processors", help="Of torch, in each process."
    ),
    device: str = typer.Option("", show_default="what it calls itself", help="Name of the device."),
    experts: bool = typer.Option(
        False, "--experts", help="Instead: products, reads of the disk, and both, for `ahasd moe`."
    ),
    dtype: str | None = typer.Option(None, show_default="float32", help="With --experts: of the weights."),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Measure this machine for `ahasd plan --device FILE.yaml`: passes, bandwidth, two processes at once.

    Needs the `torch` extra; a GGUF file is measured with llama.cpp's llama-batched-bench.
    """
    from ahasd.cli.comma_lists import split_names
    from ahasd.cli.probe_experts import probe_experts
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError
    from ahasd.hardware.measured.device_file import device_yaml
    from ahasd.prediction.probe.probe import ProbeSettings
    from ahasd.prediction.probe.probe import probe as measure
    from ahasd.processors import usable_processors
    from ahasd.report.files import check_file_writable, to_json, write_files
    from ahasd.report.measured_device import device_json, device_text
    from ahasd.report.probe import probed

    rows = []
    for text in split_names("--widths", widths):
        if not text.isdecimal() or not 1 <= int(text) <= 4096:
            raise AhasdError(f"--widths has '{text}'; expected whole numbers from 1 to 4096, such as 1,2,4,8")
        rows.append(int(text))
    if not 1 <= seconds <= 3600:
        raise AhasdError(f"--seconds is {seconds:g}; must be from 1 to 3600")
    if not 0 <= context <= 1_000_000:
        raise AhasdError(f"--context is {context}; must be from 0 to 1000000")
    if threads is not None and threads < 1:
        raise AhasdError(f"--threads is {threads}; must be at least 1")
    if model is not None and not model.exists():
        raise AhasdError(f"--model '{model}' does not exist")
    if experts:
        _check_given(widths, context, device)
        probe_experts(model, output, seconds, threads or usable_processors(), dtype, json_)
        return
    if dtype is not None:
        raise AhasdError("--dtype is for --experts; a model is measured in the precision of its file")
    if output is not None:
        check_file_writable(output)
    settings = ProbeSettings(
        rows, model, context, seconds, threads if threads is not None else usable_processors()
    )
    with progress_bar("steps") as advance:
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            advance(done, 0)

        found = measure(settings, device, step)
    if output is not None:
        write_files(output.parent, {output.name: device_yaml(found.device)})
        say_written(output)
    if json_:
        show(to_json({**device_json(found.device, found.remarks), "sentence": probed(found.device)}))
    else:
        show_answer(device_text(found.device, found.remarks, probed(found.device)))


def _check_given(widths: str, context: int, device: str) -> None:
    """See that nothing is asked for that the experts' measurement does not look at."""
    from ahasd.errors import AhasdError

    given = {"--widths": widths != WIDTHS, "--context": context != CONTEXT, "--device": device != ""}
    names = [name for name, found in given.items() if found]
    if names:
        raise AhasdError(
            f"{', '.join(names)} and --experts do not go together; it measures bytes, not passes"
        )
