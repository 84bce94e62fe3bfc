"""``ahasd generate``: decode a prompt, and show the text as it comes."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import typer

from ahasd.cli.model_options import (
    DataType,
    Draft,
    DraftDevice,
    IgnoreGenerationConfig,
    Target,
    TargetDevice,
    TrustRemoteCode,
)
from ahasd.cli.show import show, show_answer

AS_CONFIGURED = "as the model's generation config says"


def generate(
    prompt: list[str] = typer.Option(
        [], help="As it is, unless --chat is given; several are decoded in one pass.", show_default=False
    ),
    prompt_file: Path | None = typer.Option(
        None, help="A file that is the prompt; - reads stdin. With --batch: one that holds several."
    ),
    batch: int | None = typer.Option(
        None,
        show_default="16 where there are several",
        help="Prompts in one pass, 1 to 16; further ones come batch after batch.",
    ),
    chat: bool = typer.Option(False, "--chat", help="Put the prompt into the model's chat template."),
    target: Target = None,
    draft: Draft = None,
    method: str | None = typer.Option(
        None,
        show_default="speculative; amusd: async",
        help="autoregressive, speculative, async, ngram (drafts copied from the text; no draft), or tree (--draft "
        "one-layer, medusa, lookup or a folder of heads)",
    ),
    algorithm: str | None = typer.Option(
        None,
        show_default="adaedl; ngram: fixed:10; tree: dynamic",
        help="See `ahasd list algorithms`; amusd: AMUSD's own rule, asynchronous; for trees dynamic, propd, optimal, "
        "table, best-first:15, draft-probability:15, chain:4 or medusa, +pruned behind it for early pruning.",
    ),
    max_new_tokens: int = typer.Option(128, help="Tokens to add at most."),
    sequences: int = typer.Option(1, metavar="N", help="Texts of each prompt, in one pass; needs drawing."),
    stop: list[str] = typer.Option([], help="A string that ends the text; may be given several times."),
    do_sample: bool | None = typer.Option(
        None,
        "--do-sample/--no-do-sample",
        show_default=AS_CONFIGURED,
        help="Draw tokens, or take the likeliest.",
    ),
    temperature: float | None = typer.Option(None, show_default=AS_CONFIGURED, help="When drawing."),
    top_k: int | None = typer.Option(None, show_default=AS_CONFIGURED, help="When drawing."),
    top_p: float | None = typer.Option(None, show_default=AS_CONFIGURED, help="When drawing."),
    min_p: float | None = typer.Option(None, show_default=AS_CONFIGURED, help="When drawing."),
    logit_bias: list[str] = typer.Option(
        [],
        metavar="TOKENS=BIAS",
        help="Added to the logit of a token (an id, or text), or of the last of several behind the others. May be "
        "given several times.",
        show_default=False,
    ),
    seed: int | None = typer.Option(
        None,
        show_default="drawn, and printed",
        help="Of the draws; async repeats a text with coupled ones only.",
    ),
    sampling: str = typer.Option(
        "independent", help="coupled: the same text for every method and algorithm, given the seed"
    ),
    control: str | None = typer.Option(None, help="edc: AHASD's controller governs the async drafter"),
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    threads: int | None = typer.Option(
        None, show_default="torch's; async: half each", help="Of torch, in each process."
    ),
    trust_remote_code: TrustRemoteCode = False,
    ignore_generation_config: IgnoreGenerationConfig = False,
    record: Path | None = typer.Option(
        None,
        help="Write what the models did, pass by pass, as JSON to this file (the fields of AMUSD's logs).",
    ),
    timeline: Path | None = typer.Option(
        None, help="Write the passes of both models as Chrome-trace JSON, as `ahasd run --timeline` does."
    ),
    json_: bool = typer.Option(False, "--json", help="Print text, tokens and figures as JSON, at the end."),
    logprobs: bool = typer.Option(
        False,
        "--logprobs",
        help="With --json: the logarithm of each token's probability to the target alone, by one more pass.",
    ),
) -> None:
    """Decode a prompt: the text goes to stdout as it comes, a line of figures to stderr (needs the torch extra).

    Several prompts share the passes of the models, each as if it were alone, and are shown when all have ended.
    """
    from ahasd.cli.generate_batch import Shown, generate_batch
    from ahasd.cli.logit_bias import read_biases
    from ahasd.cli.models import announce, quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.prompt_input import read_prompts_given
    from ahasd.cli.written import say_written
    from ahasd.errors import AhasdError
    from ahasd.report.files import check_file_writable

    if method is None:
        method = "async" if algorithm == "amusd" else "speculative"
    if record is not None:
        check_file_writable(record)
    if timeline is not None:
        check_file_writable(timeline)
    asked = read_prompts_given(prompt, prompt_file, several=batch is not None)
    if logprobs and not json_:
        raise AhasdError("--logprobs are printed as JSON alone; add --json")
    if sequences < 1:
        raise AhasdError(f"sequences is {sequences}; must be at least 1")
    asked = [text for text in asked for _ in range(sequences)]
    if timeline is not None and (len(asked) > 1 or batch is not None):
        raise AhasdError("--timeline is of one prompt; leave --batch out and give one prompt")
    if threads is not None and threads < 1:
        raise AhasdError(f"threads is {threads}; must be at least 1")
    filters = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    given: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    if do_sample is not None:
        given["do_sample"] = do_sample
    if stop:
        given["stop_strings"] = stop

    from ahasd.decoding.backend import torch
    from ahasd.decoding.prompts.chat import chat_tokens
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder
    from ahasd.decoding.text_stream import text_pieces
    from ahasd.report.files import to_json, write_files
    from ahasd.report.generation import generation_json, generation_line
    from ahasd.report.step_log import step_log

    quiet()
    announce(target, None if method == "tree" else draft)
    if threads is not None:
        torch.set_num_threads(threads)
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
                threads=threads,
                trust_remote_code=trust_remote_code,
                ignore_generation_config=ignore_generation_config,
            )
        )
        draws = decoder.draws(do_sample)
        shaping = [name for name in filters if name in given]
        if shaping and not draws:
            options = ", ".join("--" + name.replace("_", "-") for name in shaping)
            raise AhasdError(
                f"{options} shapes what is drawn, and nothing is drawn without --do-sample; add it"
            )
        if sequences > 1 and not draws:
            raise AhasdError(
                f"{sequences} sequences of a prompt are one text unless tokens are drawn; add --do-sample"
            )
        if draws and seed is None:
            import secrets

            seed = secrets.randbits(32)
        tokenizer = decoder.target.tokenizer
        if logit_bias:
            given["sequence_bias"] = read_biases(logit_bias, tokenizer, decoder.target.vocabulary_size)
        prompts = [
            chat_tokens(decoder.target, text) if chat else list(tokenizer(text, verbose=False)["input_ids"])
            for text in asked
        ]
        if len(prompts) > 1 or batch is not None:
            waiting.close()
            fields = {"max_new_tokens": max_new_tokens, **given}
            shown = Shown(as_json=json_, log_probabilities=logprobs)
            generate_batch(decoder, asked, prompts, fields, batch, seed if draws else None, record, shown)
            return
        encoded = prompts[0]
        found: list[int] = []
        stream = decoder.stream(
            encoded,
            attention_mask=[1] * len(encoded),  # a text may hold the token that pads
            seed=seed or 0,
            max_new_tokens=max_new_tokens,
            **given,
        )
        pieces = text_pieces(tokenizer, (found.append(token) or token for token in stream))  # type: ignore[func-returns-value]
        if json_:
            text = "".join(pieces)
            waiting.close()
        else:
            try:
                for piece in pieces:
                    waiting.close()
                    show(piece)
            finally:
                waiting.close()
                show("\n")  # so that what comes next, an error too, begins a line
        metrics, steps = decoder.metrics, decoder.steps
        likely = decoder.log_probabilities(encoded, found) if logprobs else None
    if record is not None:
        write_files(record.parent, {record.name: to_json([step_log(steps)])})
        say_written(record)
    if timeline is not None:
        from ahasd.report.run.runtime_trace import runtime_trace

        name = f"{steps.method} {steps.algorithm}".rstrip()
        write_files(timeline.parent, {timeline.name: to_json(runtime_trace({name: steps}))})
        say_written(timeline)
    used = seed if draws else None
    if json_:
        show(to_json(generation_json(text, encoded, found, metrics, used, likely)))
        return
    show_answer(f"{generation_line(metrics, used)}\n", err=True)
    for note in (*decoder.notes, *([metrics.note] if metrics.note else [])):
        show_answer(f"Note: {note}\n", err=True)
