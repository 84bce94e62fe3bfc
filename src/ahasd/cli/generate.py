"""``ahasd generate``: decode a prompt, and show the text as it comes."""

from contextlib import ExitStack
from typing import Any, cast

import typer

from ahasd.cli.model_options import DataType, Draft, DraftDevice, Target, TargetDevice, TrustRemoteCode
from ahasd.cli.show import show


def generate(
    prompt: str = typer.Option(help="As it is: a chat template, where a model wants one, must be applied."),
    target: Target = None,
    draft: Draft = None,
    method: str = typer.Option("speculative", help="autoregressive, speculative or async"),
    algorithm: str = typer.Option("adaedl", help="See `ahasd list algorithms`."),
    max_new_tokens: int = typer.Option(128, help="Tokens to add at most."),
    do_sample: bool = typer.Option(False, "--do-sample", help="Draw tokens instead of taking the likeliest."),
    temperature: float | None = typer.Option(None, show_default="1.0", help="With --do-sample."),
    top_k: int | None = typer.Option(None, show_default="all tokens", help="With --do-sample."),
    top_p: float | None = typer.Option(None, show_default="all tokens", help="With --do-sample."),
    seed: int | None = typer.Option(None, show_default="drawn, and printed", help="Of the draws."),
    sampling: str = typer.Option(
        "independent", help="coupled: the same text for every method and algorithm, given the seed"
    ),
    control: str | None = typer.Option(None, help="edc: AHASD's controller governs the async drafter"),
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Decode a prompt: the text goes to stdout as it comes, a line of figures to stderr (needs the torch extra)."""
    from ahasd.errors import AhasdError

    filters = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    given = {name: value for name, value in filters.items() if value is not None}
    if given and not do_sample:
        options = ", ".join("--" + name.replace("_", "-") for name in given)
        raise AhasdError(f"{options} shapes what is drawn, and nothing is drawn without --do-sample; add it")

    from ahasd.cli.models import announce, quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder
    from ahasd.decoding.text_stream import text_pieces
    from ahasd.report.generation import generation_line

    quiet()
    announce(target, draft)
    if do_sample and seed is None:
        import secrets

        seed = secrets.randbits(32)
    with ExitStack() as running, ExitStack() as waiting:
        waiting.enter_context(progress_bar("loading and reading the prompt"))
        decoder = running.enter_context(
            SpeculativeDecoder(
                target,
                draft,
                cast(Any, method),
                algorithm,
                target_device=target_device,
                draft_device=draft_device,
                dtype=dtype,
                sampling=cast(Any, sampling),
                control=cast(Any, control),
                trust_remote_code=trust_remote_code,
            )
        )
        tokenizer = decoder.target.tokenizer
        tokens = decoder.stream(
            list(tokenizer(prompt, verbose=False)["input_ids"]),
            seed=seed or 0,
            max_new_tokens=max_new_tokens,
            do_sample=do_sample,
            **given,
        )
        try:
            for piece in text_pieces(tokenizer, tokens):
                waiting.close()
                show(piece)
        finally:
            waiting.close()
            show("\n")  # so that what comes next, an error too, begins a line
        metrics = decoder.metrics
    show(f"{generation_line(metrics, seed if do_sample else None)}\n", err=True)
    if metrics.note:
        show(f"Note: {metrics.note}\n", err=True)
