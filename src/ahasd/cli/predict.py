"""``ahasd predict``: whether speculative decoding will pay with this pair, here."""

from collections.abc import Mapping
from dataclasses import replace
from shlex import join
from typing import Any, cast

import typer

from ahasd.cli.model_options import (
    DataType,
    Draft,
    DraftDevice,
    EmulateLatency,
    Prompts,
    Target,
    TargetDevice,
    Threads,
    TrustRemoteCode,
)
from ahasd.cli.show import show, show_answer

METHODS = ("speculative", "async", "tree")

#: What is tried unless algorithms are named; specdecpp joins them where the draft has an acceptance head.
ALGORITHMS = [*(f"fixed:{length}" for length in range(1, 9)), "adaedl", "svip", "banditspec-ucb"]


def predict(
    target: Target = None,
    draft: Draft = None,
    prompts: Prompts = None,
    methods: str = typer.Option(",".join(METHODS), help="Separated by commas."),
    algorithms: str | None = typer.Option(
        None,
        "--algorithm",
        "--algorithms",
        show_default="all, fixed:1 to fixed:8",
        help="Separated by commas; see `ahasd list algorithms`.",
    ),
    max_new_tokens: int = typer.Option(128, help="Tokens of each prompt."),
    emulate_latency: EmulateLatency = None,
    target_device: TargetDevice = None,
    draft_device: DraftDevice = None,
    dtype: DataType = None,
    threads: Threads = 1,
    trust_remote_code: TrustRemoteCode = False,
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Say which method and algorithm will pay on this machine, and by how much, or that none will.

    Times both models' steps, samples how many drafts are accepted, and simulates the methods (greedy decoding).
    """
    from ahasd.benchmarking.prompts import read_prompt_list
    from ahasd.cli.comma_lists import check_names, split_algorithms, split_names
    from ahasd.cli.models import load_pair
    from ahasd.cli.progress import progress_bar
    from ahasd.decoding.models.emulated_latency import EmulatedLatency, parse_latency
    from ahasd.errors import AhasdError
    from ahasd.processors import load_per_processor
    from ahasd.speculation.drafting.specification import parse_algorithm

    wanted = split_names("--methods", methods)
    check_names("method", wanted, METHODS)
    named = [] if algorithms is None else split_algorithms("--algorithm", algorithms)
    for text in named:
        parse_algorithm(text)
    latency = EmulatedLatency() if emulate_latency is None else parse_latency(emulate_latency)
    asked = None if prompts is None else read_prompt_list(prompts)
    if max_new_tokens < 2:
        raise AhasdError(f"max_new_tokens is {max_new_tokens}; a prediction needs at least 2")
    load = load_per_processor()  # before this command is at work itself
    pair = load_pair(target, draft, target_device, draft_device, dtype, threads, trust_remote_code)
    if pair.draft is None:
        raise AhasdError("there is a target and no draft; give both, or neither for the tiny pair")

    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.decoding.trees.build_tree_decoder import build_guesser
    from ahasd.prediction.measurement import measure
    from ahasd.prediction.predict import predict as make_prediction
    from ahasd.prediction.trees.tree_forecast import TreeForecast, tree_forecasts
    from ahasd.report.prediction import prediction_json, prediction_text

    with_head = ["specdecpp"] if pair.draft.acceptance_head is not None else []
    with progress_bar("positions") as advance:
        measured = measure(
            pair.target,
            pair.draft,
            asked or SAMPLE_PROMPTS,
            max_new_tokens,
            latency,
            concurrently="async" in wanted,
            progress=advance,
        )
    of_pair = [name for name in wanted if name != "tree"] or ["speculative"]
    prediction = make_prediction(
        measured, cast(Any, of_pair), named or [*ALGORITHMS, *with_head], pair.names, latency, threads
    )
    models = {
        "target": target,
        "draft": draft,
        "prompts": prompts,
        "emulate-latency": emulate_latency,
        "target-device": target_device,
        "draft-device": draft_device,
        "dtype": dtype,
    }
    trees: list[TreeForecast] = []
    if "tree" in wanted:
        with progress_bar("passes and guesses of trees"):
            guesser = build_guesser(pair.target, None)
            sample = asked or SAMPLE_PROMPTS
            trees = tree_forecasts(pair.target, guesser, sample, max_new_tokens, latency.target_s)
    prediction = replace(prediction, models=_as_options(models), load=load, trees=tuple(trees))
    if json_:
        from ahasd.report.files import to_json

        show(to_json(prediction_json(prediction)))
        return
    show_answer(f"{prediction_text(prediction)}\n")


def _as_options(given: Mapping[str, Any]) -> str:
    """Options as they are written on a command line."""
    return join(
        word for name, value in given.items() if value is not None for word in (f"--{name}", str(value))
    )
