"""Options that the commands with real models share."""

from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[
    Path | None,
    typer.Option(
        show_default="the tiny pair",
        help="Folder of a causal LM of transformers, .gguf file, or name (smollm2-135m).",
    ),
]
Draft = Annotated[
    Path | None, typer.Option(show_default="the target's own, if it has one", help="The draft, likewise.")
]
Prompts = Annotated[
    Path | None,
    typer.Option(
        show_default="sample prompts",
        help="JSON lines with turns[] or prompt, a JSON list, or one prompt per line.",
    ),
]
TargetDevice = Annotated[str | None, typer.Option(show_default="CUDA if there is one", help="E.g. cuda:0")]
DraftDevice = Annotated[str | None, typer.Option(show_default="CUDA if there is one", help="E.g. cuda:1")]
DataType = Annotated[str | None, typer.Option(show_default="float32 on a CPU", help="float32, bfloat16, …")]
EmulateLatency = Annotated[
    str | None,
    typer.Option(metavar="draft=10ms,target=66ms", help="Pad each model call, as if on slower devices."),
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option(
        "--trust-remote-code", help="Let code that lies in a model's folder run, with all your rights."
    ),
]
Threads = Annotated[int, typer.Option(help="Of torch, in each process.")]
IgnoreGenerationConfig = Annotated[
    bool,
    typer.Option(
        "--ignore-generation-config",
        help="Leave out what the target's generation_config.json says beside its end tokens.",
    ),
]
