"""``ahasd moe run``: run a mixture whose experts do not fit into memory."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ahasd.cli.model_options import DataType, TargetDevice, TrustRemoteCode


def run(
    prompt: str = typer.Option(help="As it is: a chat template, where a model wants one, must be applied."),
    expert_memory: str = typer.Option(help="Memory for experts, such as 256MB or 1.5GB."),
    model: Annotated[
        Path | None,
        typer.Option(
            show_default="the tiny mixture",
            help="Folder of a mixture of experts of transformers, in safetensors files.",
        ),
    ] = None,
    cache: str = typer.Option("lru", help="Rule by which experts give way; see `ahasd list caches`."),
    pool: Literal["layer", "model"] = typer.Option(
        "layer", help="Whether each layer has its slots, or all layers share them."
    ),
    gate: str = typer.Option(
        "top-k",
        help="All experts that the router chose, or sensitivity:threshold=0.005 (AdapMoE), which drops some.",
    ),
    prefetch: str = typer.Option(
        "none",
        help="Experts fetched before they are needed: none, or what the gates ahead choose already: next-gate, "
        "two-gates, three-gates, adaptive.",
    ),
    max_new_tokens: int = typer.Option(128, help="Tokens to add at most."),
    do_sample: bool = typer.Option(False, "--do-sample", help="Draw tokens instead of taking the likeliest."),
    temperature: float = typer.Option(1.0, help="With --do-sample."),
    seed: int = typer.Option(0, help="Of the draws."),
    read_size: str | None = typer.Option(
        None,
        show_default="1MiB, or what the probe found",
        help="Of one read at most; `ahasd probe --experts` finds the best.",
    ),
    probe: Path | None = typer.Option(
        None,
        help="What `ahasd probe --experts -o FILE` wrote: says the least time that this machine allows.",
    ),
    threads: int | None = typer.Option(None, show_default="torch's choice", help="Of torch."),
    timeline: Path | None = typer.Option(
        None, help="Write what each pass took, hits and reads, as Chrome-trace JSON."
    ),
    json_: bool = typer.Option(False, "--json", help="Print figures and text as JSON."),
    device: TargetDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Continue a prompt with experts on disk and some of them in memory (needs the torch extra).

    The text is that of the model with all its experts in memory, unless a gate leaves some out. Everything else of
    the model stays in memory.
    """
    from ahasd.cli.byte_sizes import byte_size
    from ahasd.cli.expert_gates import mixture_name, parse_gate
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.show import show, show_answer
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError

    budget = byte_size("--expert-memory", expert_memory)
    piece = None if read_size is None else byte_size("--read-size", read_size)
    if threads is not None and threads < 1:
        raise AhasdError(f"--threads is {threads}; must be at least 1")
    from ahasd.cli.models import quiet
    from ahasd.decoding.backend import torch
    from ahasd.decoding.experts.expert_reader import PIECE_BYTES
    from ahasd.decoding.experts.least_time import least_time, read_rates
    from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
    from ahasd.decoding.experts.offloaded_run import run_offloaded
    from ahasd.decoding.recording.settings import RecordSettings
    from ahasd.decoding.tiny_moe import model_path
    from ahasd.report.files import check_file_writable, to_json, write_files
    from ahasd.report.offloaded import offloaded_json, offloaded_text
    from ahasd.traces.header import Mode

    if timeline is not None:
        check_file_writable(timeline)
    quiet()
    if threads is not None:
        torch.set_num_threads(threads)
    mode: Mode = "sampled" if do_sample else "greedy"
    settings = RecordSettings(mode, temperature, tokens_per_prompt=max_new_tokens, seed=seed)
    rates = None if probe is None else read_rates(probe)
    if piece is None:
        piece = PIECE_BYTES if rates is None else rates.read_bytes
    offload = OffloadSettings(budget, cache, pool, prefetch, piece, device, dtype, trust_remote_code)
    gates = parse_gate(gate, mixture_name(model))
    with (
        progress_bar("loading and running"),
        OffloadedModel(model_path() if model is None else model, offload, gates.make) as loaded,
    ):
        tokenizer = loaded.model.tokenizer
        found = run_offloaded(loaded, list(tokenizer(prompt, verbose=False)["input_ids"]), settings)
        text = tokenizer.decode(found.tokens)
        if timeline is not None:
            from ahasd.report.run.offloaded_trace import offloaded_trace

            write_files(timeline.parent, {timeline.name: to_json(offloaded_trace(found))})
            say_written(timeline)
        least = None if rates is None else least_time(loaded, found.continuation, rates)
        source = gates.source(loaded.memory.layers)
        if json_:
            show(to_json(offloaded_json(loaded, found, cache, text, source, least)))
        else:
            show(f"{text}\n")
            show_answer(f"{offloaded_text(loaded, found, cache, source, least)}\n", err=True)
