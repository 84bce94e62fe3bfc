"""``ahasd attention run``: write a text with a real model whose heads read a part of the context."""

from pathlib import Path

import typer

from ahasd.cli.model_options import DataType, Target, TargetDevice, TrustRemoteCode


def run(
    prompt: str | None = typer.Option(
        None, help="As it is: a chat template, where a model wants one, must be applied.", show_default=False
    ),
    prompt_file: Path | None = typer.Option(None, help="A file that is the prompt; - reads stdin."),
    model: Target = None,
    heads: str | None = typer.Option(
        None,
        show_default="even",
        help="Which heads need the whole context: what `ahasd attention calibrate` wrote, a name of `ahasd list "
        "heads`, or even.",
    ),
    streaming: float | None = typer.Option(
        None, show_default="0.5", help="Share of key-value heads that read the window alone."
    ),
    page: int | None = typer.Option(None, show_default="16", help="Tokens of a page."),
    budget: int | None = typer.Option(
        None, show_default="2048", help="Tokens of the pages that a head chooses."
    ),
    sink: int | None = typer.Option(None, show_default="128", help="First tokens that every head reads."),
    recent: int | None = typer.Option(None, show_default="256", help="Last tokens that every head reads."),
    sharing: str = typer.Option(
        "shared",
        help="Whether queries that share keys read the same pages, or each its own: shared, separate",
    ),
    dense_layers: int | None = typer.Option(
        None, show_default="0", help="First layers whose heads all read everything; 2 in Quest."
    ),
    dense: bool = typer.Option(
        False, "--dense", help="Let every head read everything: the model's own text, for comparison."
    ),
    max_new_tokens: int = typer.Option(64, help="Tokens to add at most."),
    record: Path | None = typer.Option(
        None,
        help="Write which pages were chosen, as a trace for `ahasd run --system h2eal --attention FILE`.",
    ),
    threads: int | None = typer.Option(None, show_default="torch's choice", help="Of torch."),
    json_: bool = typer.Option(False, "--json", help="Print figures and text as JSON."),
    device: TargetDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Continue a prompt, greedily, reading a part of it, and hold the text against the dense model's.

    The prompt is read densely; every token behind it is a sparse step (needs the torch extra).
    """
    from ahasd.cli.prompt_input import read_prompt
    from ahasd.cli.show import show, show_answer
    from ahasd.errors import AhasdError
    from ahasd.sparse_attention.pages.paging import BUDGET, PAGE, Paging
    from ahasd.sparse_attention.pages.window import RECENT, SINK, Window

    if sharing not in ("shared", "separate"):
        raise AhasdError(f"--sharing is '{sharing}'; must be shared or separate")
    if threads is not None and threads < 1:
        raise AhasdError(f"--threads is {threads}; must be at least 1")
    sparse = {
        "heads": heads,
        "streaming": streaming,
        "page": page,
        "budget": budget,
        "sink": sink,
        "recent": recent,
        "dense-layers": dense_layers,
        "record": record,
    }
    given = [name for name, value in sparse.items() if value is not None]
    if dense and given:
        raise AhasdError(
            f"--dense reads everything, so --{given[0]} would change nothing; leave one of them out"
        )
    paging = Paging(
        PAGE if page is None else page,
        BUDGET if budget is None else budget,
        Window(0, 1)
        if dense
        else Window(SINK if sink is None else sink, RECENT if recent is None else recent),
    )
    text = read_prompt(prompt, prompt_file)
    from ahasd.cli.models import quiet
    from ahasd.decoding.backend import torch
    from ahasd.decoding.models.language_model import load_language_model
    from ahasd.decoding.models.shared_vocabulary import tokenizer_hash
    from ahasd.decoding.sparse_attention.comparison import compare_with_dense
    from ahasd.decoding.sparse_attention.heads_of_model import split_of_model
    from ahasd.decoding.sparse_attention.settings import SparseSettings, sparse_weights
    from ahasd.decoding.tiny_pair import target_path
    from ahasd.report.attention.sparse_run import sparse_run_json, sparse_run_text
    from ahasd.report.files import check_file_writable, to_json
    from ahasd.sparse_attention.heads.head_class import HeadClass
    from ahasd.sparse_attention.heads.split import HeadSplit
    from ahasd.sparse_attention.pages.selector import TopPages

    if record is not None:
        check_file_writable(record)
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
    split = (
        HeadSplit.alike(len(weights.layers), weights.key_value_heads, HeadClass.DENSE)
        if dense
        else split_of_model(weights, heads, 0.5 if streaming is None else streaming, dense_layers or 0)
    )
    settings = SparseSettings(split, TopPages(paging), "shared" if sharing == "shared" else "separate")
    ids = list(loaded.tokenizer(text, verbose=False)["input_ids"])
    found = compare_with_dense(weights, ids, settings, max_new_tokens, tokenizer_hash(loaded))
    written = loaded.tokenizer.decode(found.tokens)
    if record is not None:
        if found.trace is None:
            raise AhasdError(
                "nothing to record: no step was made behind the prompt; take --max-new-tokens 2 or more"
            )
        from ahasd.cli.written import say_written
        from ahasd.traces.attention.files import save

        save(found.trace, record)
        say_written(record)
    if json_:
        show(to_json(sparse_run_json(weights.name, settings, found, written)))
    else:
        show(f"{written}\n")
        show_answer(sparse_run_text(weights.name, settings, found), err=True)
