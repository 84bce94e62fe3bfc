"""``ahasd attention calibrate``: measure which heads of a real model need the whole context."""

from pathlib import Path

import typer

from ahasd.cli.model_options import DataType, Target, TargetDevice, TrustRemoteCode

#: Tokens of a prompt, unless the model's context is shorter (ours).
LENGTH = 1024


def calibrate(
    output: Path = typer.Option(
        ..., "--output", "-o", help="The table to write, which --heads of run and plan takes."
    ),
    model: Target = None,
    task: str = typer.Option(
        "both",
        help="What is looked back for: passkey (hidden in made-up text), copy (a passage again), or both.",
    ),
    text: Path | None = typer.Option(
        None,
        show_default="sources of Python that the tiny pair was not trained on",
        help="Text whose passages are copied.",
    ),
    prompts: int = typer.Option(
        4, min=1, help="Prompts of each task, at depths that are even over the text."
    ),
    length: int | None = typer.Option(
        None, min=1, show_default="1024, or the model's context", help="Tokens of a prompt."
    ),
    sink: int = typer.Option(128, help="First tokens that a streaming head reads."),
    recent: int = typer.Option(256, help="Last tokens that it reads."),
    seed: int = typer.Option(0, min=0, help="Of keys and passages."),
    threads: int | None = typer.Option(None, show_default="torch's choice", help="Of torch."),
    json_: bool = typer.Option(False, "--json", help="Print figures as JSON."),
    device: TargetDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Let each head stream alone and measure how far the model's answers move; write that as a table of needs.

    The table is in DuoAttention's form: a line for each layer, a number in [0, 1] for each key-value head (needs the
    torch extra).
    """
    from ahasd.cli.show import show_answer
    from ahasd.errors import AhasdError
    from ahasd.report.files import check_file_writable, to_json, write_files
    from ahasd.sparse_attention.pages.window import Window
    from ahasd.text_files import DATA_BYTES, read_text

    if task not in ("passkey", "copy", "both"):
        raise AhasdError(f"--task is '{task}'; must be passkey, copy or both")
    if threads is not None and threads < 1:
        raise AhasdError(f"--threads is {threads}; must be at least 1")
    if output.suffix not in (".tsv", ".txt"):
        raise AhasdError(
            f"--output {output}: give it a name that ends in .tsv, by which --heads knows a table"
        )
    window = Window(sink, recent)
    given = None if text is None else read_text(text, "text", DATA_BYTES)
    check_file_writable(output)
    from ahasd.cli.models import quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.decoding.backend import torch
    from ahasd.decoding.models.language_model import load_language_model
    from ahasd.decoding.recording.stdlib_corpus import read_sources, source_files
    from ahasd.decoding.sparse_attention.calibration import calibrate as measure
    from ahasd.decoding.sparse_attention.retrieval_prompts import retrieval_prompts
    from ahasd.decoding.sparse_attention.settings import sparse_weights
    from ahasd.decoding.tiny_pair import target_path
    from ahasd.report.attention.calibration import calibration_json, calibration_text
    from ahasd.sparse_attention.heads.pattern import pattern_text

    quiet()
    if threads is not None:
        torch.set_num_threads(threads)
    loaded = load_language_model(
        target_path() if model is None else model,
        "tiny-target" if model is None else None,
        device,
        dtype,
        trust_remote_code=trust_remote_code,
    )
    weights = sparse_weights(loaded)
    if given is None:
        given = "".join(read_sources(source_files(held_out=True)))
    if length is None:
        length = min(LENGTH, weights.context_limit or LENGTH)
    tasks = ("passkey", "copy") if task == "both" else (task,)
    asked = retrieval_prompts(loaded.tokenizer, tasks, given, length, prompts, seed)
    with progress_bar("heads") as advance:
        found = measure(weights, asked, window, advance)
    write_files(output.parent, {output.name: pattern_text(found.pattern(weights.name))})
    say_written(output)
    document = calibration_json(weights.name, found, len(asked), length, window)
    show_answer(
        to_json(document) if json_ else calibration_text(weights.name, found, len(asked), length, window),
        data=json_,
    )
