"""``ahasd trace record-routing``: record which experts a real mixture chooses."""

import os
from pathlib import Path
from typing import Annotated, cast

import typer

from ahasd.cli.model_options import DataType, Prompts, TargetDevice, TrustRemoteCode


def record_routing(
    output: Path = typer.Option(..., "--output", "-o", help="The file to write."),
    model: Annotated[
        Path | None,
        typer.Option(show_default="the tiny mixture", help="Folder of a mixture of experts of transformers."),
    ] = None,
    prompts: Prompts = None,
    mode: str = typer.Option("sampled", help="greedy or sampled"),
    temperature: float = typer.Option(1.0, help="When sampling."),
    tokens_per_prompt: int = typer.Option(128, help="Tokens written for each prompt."),
    scores: str = typer.Option("all", help="Scores to keep of each router: all, or how many of the highest."),
    ahead: int = typer.Option(3, help="Layers to look ahead, 0 to 3."),
    seed: int = typer.Option(0, help="Of all draws."),
    device: TargetDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Record which experts a mixture chooses (needs the torch extra); after an interruption it goes on.

    The model runs whole in memory. What is done lies beside the output in `….unfinished` until all is.
    """
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.show import show
    from ahasd.errors import AhasdError

    if not os.path.isdir(output.resolve().parent):
        raise AhasdError(f"cannot write {output}: the folder {output.parent} does not exist")
    if os.path.isdir(output):
        raise AhasdError(f"cannot write {output}: it is a folder; give a file name")
    if scores != "all" and not scores.isdecimal():
        raise AhasdError(f"--scores is '{scores}'; must be all, or a whole number such as 8")
    from ahasd.benchmarking.prompts import read_prompt_list
    from ahasd.decoding.models.language_model import load_language_model
    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.decoding.recording.routing_recorder import record_routing as record
    from ahasd.decoding.tiny_moe import NAME, model_path
    from ahasd.traces.header import Mode
    from ahasd.traces.routing.files import save

    asked = SAMPLE_PROMPTS if prompts is None else read_prompt_list(prompts)
    loaded = load_language_model(
        model_path() if model is None else model,
        NAME if model is None else None,
        device,
        dtype,
        trust_remote_code=trust_remote_code,
    )
    unfinished = output.with_name(f"{output.name}.unfinished")
    with progress_bar("recording") as advance:
        try:
            trace = record(
                loaded,
                asked,
                mode=cast(Mode, mode),
                temperature=temperature,
                tokens_per_prompt=tokens_per_prompt,
                seed=seed,
                top=None if scores == "all" else int(scores),
                ahead=ahead,
                prompts_source="sample prompts" if prompts is None else prompts.name,
                progress=advance,
                checkpoint=unfinished,
            )
        except KeyboardInterrupt:
            if unfinished.exists():
                show(f"finished prompts are in {unfinished}; the same command goes on with them\n", err=True)
            raise
    save(trace, output)
    unfinished.unlink()
    show(
        f"{output}: {trace.tokens} tokens of {trace.prompts} prompts ({int(trace.written.sum())} written by "
        f"the model), {trace.layers} layers of {trace.experts} experts, {trace.top} chosen\n"
    )
