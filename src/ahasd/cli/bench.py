"""``ahasd bench``: decode prompts by several methods and compare them."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import typer

from ahasd.cli.help_layout import help_layout
from ahasd.cli.model_options import (
    DataType,
    Draft,
    DraftDevice,
    EmulateLatency,
    IgnoreGenerationConfig,
    Prompts,
    Target,
    TargetDevice,
    Threads,
    TrustRemoteCode,
)
from ahasd.cli.show import show, show_answer

bench = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=help_layout(),
    help="Measure methods side by side on the same prompts (greedy): speed, acceptance, and whether texts agree.",
)

METHODS = (
    "autoregressive",
    "speculative",
    "async",
    "ngram",
    "tree",
    "transformers",
    "transformers-assisted",
)


@bench.callback()
def measure(
    context: typer.Context,
    target: Target = None,
    draft: Draft = None,
    prompts: Prompts = None,
    dataset: Path | None = typer.Option(
        None,
        help="In place of --prompts: HumanEval, MT-Bench, Spec-Bench, RefactorChat or your own (JSON lines, or a "
        "JSON list), with all turns, in the chat template where the model has one.",
    ),
    samples: int | None = typer.Option(None, min=1, help="Prompts at most, from the first on."),
    turns: int | None = typer.Option(None, min=1, help="Turns of each conversation at most (--dataset)."),
    methods: str | None = typer.Option(
        None,
        show_default=f"{','.join(METHODS[:3])}; with --batch without async",
        help=f"Of {', '.join(METHODS)}.",
    ),
    algorithm: str = typer.Option(
        "adaedl", help="One or several, separated by commas; amusd: async by AMUSD's own rule."
    ),
    tree: str | None = typer.Option(
        None,
        show_default="dynamic",
        help="Of method tree; one or several, separated by commas, as of `ahasd generate --algorithm`.",
    ),
    batch: str | None = typer.Option(
        None,
        metavar="SIZES",
        help="Several prompts in one pass, for example 1,4,16 (at most 16): tokens/s by size, and up to which "
        "drafting pays. Of autoregressive, speculative and ngram.",
    ),
    max_new_tokens: int = typer.Option(128, help="Tokens of each prompt at most."),
    repetitions: int = typer.Option(5, help="Of every method, by turns."),
    emulate_latency: EmulateLatency = None,
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    threads: Threads = 1,
    trust_remote_code: TrustRemoteCode = False,
    ignore_generation_config: IgnoreGenerationConfig = False,
    timeline: Path | None = typer.Option(
        None, help="Write every method's passes over the first text as Chrome-trace JSON."
    ),
    json_: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    output: Path | None = typer.Option(
        None,
        "--output",
        "-o",
        help="Folder for results.json and summary.md, which `ahasd bench stats` reads.",
    ),
) -> None:
    """Measure methods side by side on the same prompts (greedy): speed, acceptance, and whether texts agree."""
    if context.invoked_subcommand is not None:
        return

    from ahasd.benchmarking.prompts import read_prompt_list
    from ahasd.cli.bench_batch import batch_sizes, check_methods, measure_batches
    from ahasd.cli.comma_lists import check_names, split_algorithms, split_names
    from ahasd.cli.models import load_pair
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.decoding.models.emulated_latency import EmulatedLatency, parse_latency
    from ahasd.errors import AhasdError
    from ahasd.report.files import check_file_writable, check_writable, to_json, write_files
    from ahasd.speculation.drafting.specification import parse_algorithm

    names = (
        list(METHODS[: 3 if batch is None else 2]) if methods is None else split_names("--methods", methods)
    )
    check_names("method", names, METHODS)
    sizes = None if batch is None else batch_sizes(batch)
    if sizes is not None:
        check_methods(names)
        if turns is not None:
            raise AhasdError("--turns plays conversations, and --batch decodes first turns; leave one out")
    algorithms = split_algorithms("--algorithm", algorithm)
    for text in algorithms:
        if text != "amusd":
            parse_algorithm(text)
    if "amusd" in algorithms and "async" not in names:
        raise AhasdError("algorithm 'amusd' is for method 'async', which is not among --methods; add it")
    trees = _trees_of(tree) if "tree" in names else []
    if tree is not None and not trees:
        raise AhasdError(f"--tree {tree} is for method 'tree', which is not among --methods; add it")
    if prompts is not None and dataset is not None:
        raise AhasdError("--prompts and --dataset both say what is decoded; give one")
    if turns is not None and dataset is None:
        raise AhasdError(
            "--turns is for the conversations of --dataset; of --prompts only the first is decoded"
        )
    for option, value in (("max_new_tokens", max_new_tokens), ("repetitions", repetitions)):
        if value < 1:
            raise AhasdError(f"{option} is {value}; must be at least 1")
    latency = EmulatedLatency() if emulate_latency is None else parse_latency(emulate_latency)
    source = prompts if dataset is None else dataset
    asked = None if source is None else read_prompt_list(source)[:samples]
    if timeline is not None:
        check_file_writable(timeline)
    if output is not None:
        check_writable(output)
    pair = load_pair(target, draft, target_device, draft_device, dtype, threads, trust_remote_code)
    if ignore_generation_config:
        from ahasd.decoding.generation_defaults import forget_generation_config

        forget_generation_config(pair.target)
    drafting = [name for name in names if name not in ("autoregressive", "ngram", "tree", "transformers")]
    if drafting and pair.draft is None:
        raise AhasdError(f"method '{drafting[0]}' needs a draft; give --draft, or leave it out of --methods")

    from ahasd.decoding.models.find_model import own_draft
    from ahasd.traces.default import TINY_PAIR_TRACE

    own = own_draft(target) if draft is None else None
    trace = TINY_PAIR_TRACE if target is None else None if own is None else own.trace
    if sizes is not None:
        measure_batches(
            pair,
            sizes,
            names,
            algorithms,
            asked,
            repetitions,
            max_new_tokens,
            latency,
            trace,
            output,
            json_,
        )
        return

    from ahasd.benchmarking.benchmark import bench as run_bench
    from ahasd.benchmarking.benchmark import encode_prompts
    from ahasd.benchmarking.contender import Contender, OwnContender
    from ahasd.benchmarking.dialogue import Dialogue, dialogues
    from ahasd.benchmarking.gpu_meter import gpu_meter
    from ahasd.benchmarking.transformers_contenders import TransformersContender
    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.report.benchmark import BenchSetting, bench_json, bench_markdown, bench_text

    assisted = [pair.draft] if pair.draft is not None and "transformers-assisted" in names else []
    read, readers = asked or SAMPLE_PROMPTS[:samples], [pair.target, *assisted]
    if dataset is not None:
        played = dialogues(read, readers, max_new_tokens, turns)
    else:
        encoded = encode_prompts(read, readers, max_new_tokens)
        played = [
            Dialogue(replace(prompt, turns=prompt.turns[:1]), given=tuple(tokens))
            for prompt, tokens in zip(read, encoded, strict=True)
        ]
    chosen = {name: trees if name == "tree" else _algorithms_of(name, algorithms) for name in names}
    models = [each for each in (pair.target, pair.draft) if each is not None]
    meter, unread = None, ""
    try:
        meter = gpu_meter([each.model.device for each in models])
    except AhasdError as error:
        unread = str(error)  # of speed alone there is still much to say
    with ExitStack() as stack:
        contenders: list[Contender] = []
        for name in names:
            if name.startswith("transformers"):
                helper = pair.draft if name in drafting else None
                contenders.append(TransformersContender(pair.target, helper, latency))
                continue
            for text in chosen[name]:
                made = OwnContender(name, text, pair.target, pair.draft, latency, trace)
                stack.callback(made.close)
                contenders.append(made)
        with progress_bar("texts") as advance:
            result = run_bench(contenders, played, repetitions, max_new_tokens, advance, meter)
    setting = BenchSetting(
        pair.names,
        "sample prompts" if source is None else source.name,
        latency,
        str(pair.target.model.device),
        None if pair.draft is None else str(pair.draft.model.device),
        str(pair.target.model.dtype).removeprefix("torch."),
        threads,
        unread,
    )
    document = to_json(bench_json(result, setting))
    if output is not None:
        write_files(output, {"results.json": document, "summary.md": bench_markdown(result, setting)})
        say_written(output / "results.json", output / "summary.md")
    if timeline is not None:
        from ahasd.report.run.runtime_trace import runtime_trace

        write_files(timeline.parent, {timeline.name: to_json(runtime_trace(result.timelines))})
        say_written(timeline)
    show_answer(document if json_ else bench_text(result, setting) + "\n", data=json_)


@bench.command("stats")
def stats(
    file: Path = typer.Argument(
        metavar="FILE", help="What --output wrote (folder or results.json), or a run log of AMUSD."
    ),
    plot: int | None = typer.Option(
        None, metavar="N", help="Draw tokens over time for prompt N, counted from 0, a line for each method."
    ),
    json_: bool = typer.Option(False, "--json", help="Print the table as JSON."),
) -> None:
    """Print tokens/s, speed-up and acceptance by method and category from a results file."""
    from ahasd.benchmarking.statistics import read_samples, statistics
    from ahasd.errors import AhasdError
    from ahasd.report.bench_statistics import sample_plot, statistics_json, statistics_table
    from ahasd.report.files import to_json
    from ahasd.report.fitted import fitted

    if json_ and plot is not None:
        raise AhasdError(
            "--plot draws, and --json prints figures; give one (results.json holds the drawing's data)"
        )
    found = read_samples(file)
    rows = statistics(found)
    if json_:
        show(to_json(statistics_json(rows)))
        return
    show_answer(fitted(statistics_table(rows), underlined=True))
    if plot is not None:
        show("\n" + sample_plot(found, plot))


def _trees_of(text: str | None) -> Sequence[str]:
    """The trees that are asked for, looked at before any model is loaded."""
    from ahasd.cli.comma_lists import split_names
    from ahasd.decoding.trees.tree_policies import DEFAULT, parse_tree

    return [str(parse_tree(each)) for each in split_names("--tree", DEFAULT if text is None else text)]


def _algorithms_of(method: str, algorithms: Sequence[str]) -> Sequence[str]:
    """Those that a method runs with; AMUSD's rule is for the asynchronous one alone."""
    from ahasd.decoding.speculative.drafting_algorithm import check_amusd

    if method not in ("speculative", "async"):
        return algorithms[:1]  # of no account there
    own = [text for text in algorithms if text != "amusd" or method == "async"]
    if not own:
        check_amusd(method, None)
    return own
