"""``ahasd bench``: decode prompts by several methods and compare them."""

from contextlib import ExitStack
from pathlib import Path

import typer

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
from ahasd.cli.show import show

METHODS = ("autoregressive", "speculative", "async", "ngram", "transformers", "transformers-assisted")


def bench(
    target: Target = None,
    draft: Draft = None,
    prompts: Prompts = None,
    methods: str = typer.Option(",".join(METHODS[:3]), help=f"Of {', '.join(METHODS)}."),
    algorithm: str = typer.Option("adaedl", help="One or several, separated by commas."),
    max_new_tokens: int = typer.Option(128, help="Tokens of each prompt at most."),
    repetitions: int = typer.Option(5, help="Of every method, by turns."),
    emulate_latency: EmulateLatency = None,
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    threads: Threads = 1,
    trust_remote_code: TrustRemoteCode = False,
    ignore_generation_config: IgnoreGenerationConfig = False,
    json_: bool = typer.Option(False, "--json", help="Print the result as JSON."),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="Folder for results.json and summary.md (nothing is written without it)."
    ),
) -> None:
    """Measure methods side by side on the same prompts (greedy): speed, acceptance, and whether texts agree."""
    from ahasd.benchmarking.prompts import read_prompt_list
    from ahasd.cli.comma_lists import check_names, split_algorithms, split_names
    from ahasd.cli.models import load_pair
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.decoding.models.emulated_latency import EmulatedLatency, parse_latency
    from ahasd.errors import AhasdError
    from ahasd.report.files import check_writable, to_json, write_files
    from ahasd.speculation.drafting.specification import parse_algorithm

    names = split_names("--methods", methods)
    check_names("method", names, METHODS)
    algorithms = split_algorithms("--algorithm", algorithm)
    for text in algorithms:
        parse_algorithm(text)
    for option, value in (("max_new_tokens", max_new_tokens), ("repetitions", repetitions)):
        if value < 1:
            raise AhasdError(f"{option} is {value}; must be at least 1")
    latency = EmulatedLatency() if emulate_latency is None else parse_latency(emulate_latency)
    asked = None if prompts is None else read_prompt_list(prompts)
    if output is not None:
        check_writable(output)
    pair = load_pair(target, draft, target_device, draft_device, dtype, threads, trust_remote_code)
    if ignore_generation_config:
        from ahasd.decoding.generation_defaults import forget_generation_config

        forget_generation_config(pair.target)
    drafting = [name for name in names if name not in ("autoregressive", "ngram", "transformers")]
    if drafting and pair.draft is None:
        raise AhasdError(f"method '{drafting[0]}' needs a draft; give --draft, or leave it out of --methods")

    from ahasd.benchmarking.benchmark import bench as run_bench
    from ahasd.benchmarking.benchmark import encode_prompts
    from ahasd.benchmarking.contender import Contender, OwnContender
    from ahasd.benchmarking.transformers_contenders import TransformersContender
    from ahasd.decoding.models.find_model import own_draft
    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.report.benchmark import BenchSetting, bench_json, bench_markdown, bench_text
    from ahasd.traces.default import TINY_PAIR_TRACE

    assisted = [pair.draft] if pair.draft is not None and "transformers-assisted" in names else []
    encoded = encode_prompts(asked or SAMPLE_PROMPTS, [pair.target, *assisted], max_new_tokens)
    own = own_draft(target) if draft is None else None
    trace = TINY_PAIR_TRACE if target is None else None if own is None else own.trace
    with ExitStack() as stack:
        contenders: list[Contender] = []
        for name in names:
            if name.startswith("transformers"):
                helper = pair.draft if name in drafting else None
                contenders.append(TransformersContender(pair.target, helper, latency))
                continue
            for text in algorithms if name in drafting else algorithms[:1]:
                made = OwnContender(name, text, pair.target, pair.draft, latency, trace)
                stack.callback(made.close)
                contenders.append(made)
        with progress_bar("texts") as advance:
            result = run_bench(contenders, encoded, repetitions, max_new_tokens, advance)
    setting = BenchSetting(
        pair.names,
        "sample prompts" if prompts is None else prompts.name,
        latency,
        str(pair.target.model.device),
        None if pair.draft is None else str(pair.draft.model.device),
        str(pair.target.model.dtype).removeprefix("torch."),
        threads,
    )
    document = to_json(bench_json(result, setting))
    if output is not None:
        write_files(output, {"results.json": document, "summary.md": bench_markdown(result, setting)})
        say_written(output / "results.json", output / "summary.md")
    show(document if json_ else bench_text(result, setting) + "\n")
