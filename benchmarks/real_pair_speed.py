"""SmolLM2-135M with its draft, or a pair of yours: every method against transformers, the prediction against both.

Run with ``python benchmarks/real_pair_speed.py`` behind ``make models``; on a GPU with ``--device cuda --dtype
bfloat16``, with two of them ``--draft-device cuda:1``. Greedy decoding of a few prompts of three tasks; the methods
take turns at each prompt, and must write the same text in float32 (in half precision the texts that differ are
counted). On a CPU times are CPU times of this process, because others may share the machine, and ``async``, which is
several processes, is left out; on a GPU they are wall times. Then loading, and the memory of ``async``, its workers
included. On two idle cores all of it takes some six minutes.
"""

import argparse
import copy
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, process_time

from ahasd.benchmarking.contender import Contender, OwnContender
from ahasd.benchmarking.transformers_contenders import TransformersContender
from ahasd.decoding.backend import torch
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.prediction.measurement import measure
from ahasd.prediction.predict import forecast, seconds_alone
from ahasd.speculation.drafting.specification import parse_algorithm
from support.figures import Figure, show
from support.processes import tree_megabytes

AUTOREGRESSIVE_TARGET, SPECULATIVE_TARGET, WORST_TARGET, PREDICTION_TARGET = 1.2, 1.3, 0.98, 10.0
LOAD_SECONDS_TARGET, MEGABYTES_TARGET = 6.0, 200.0
ALGORITHMS = ("svip", "goodput")
#: The model that memory is measured with, where no other is named.
TARGET = "smollm2-135m"

#: Questions for a model that talks, and beginnings that any model goes on with.
PROMPTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "chat": (("How do owls hunt at night?", True), ("What should I see in Lisbon in two days?", True)),
    "code": (
        ("Write a Python function that merges two sorted lists.", True),
        ('def median(numbers):\n    """Return the median."""\n', False),
    ),
    "prose": (
        ("Write a short story about a lighthouse keeper.", True),
        ("The river had risen in the night, and", False),
    ),
}


@dataclass(slots=True)
class Rate:
    """Tokens and seconds of a contender on a task."""

    tokens: int = 0
    seconds: float = 0.0
    differing: int = 0


def prompts_of(model: LanguageModel, task: str) -> list[str]:
    """Give the texts of a task, questions in the model's chat format where it has one."""
    tokenizer, texts = model.tokenizer, []
    for text, question in PROMPTS[task]:
        if question and getattr(tokenizer, "chat_template", None):
            asked = [{"role": "user", "content": text}]
            text = str(tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False))
        texts.append(text)
    return texts


def compare(
    contenders: Sequence[Contender], target: LanguageModel, tokens: int, clock: Callable[[], float]
) -> dict[str, dict[str, Rate]]:
    """Decode every prompt by every contender in turn, twice; {task: {contender: rate}}, the first turn warms up."""
    rates: dict[str, dict[str, Rate]] = {}
    for task in PROMPTS:
        rates[task] = {contender.name: Rate() for contender in contenders}
        for text in prompts_of(target, task):
            prompt = list(target.tokenizer(text, add_special_tokens=False)["input_ids"])
            texts: dict[str, tuple[int, ...]] = {}
            for repetition in range(3):
                for contender in contenders:
                    began = clock()
                    run = contender.run(prompt, tokens)
                    seconds, rate = clock() - began, rates[task][contender.name]
                    texts[contender.name] = run.tokens
                    if repetition:
                        rate.tokens += len(run.tokens)
                        rate.seconds += seconds
            reference = next(iter(texts.values()))
            for name, written in texts.items():
                rates[task][name].differing += written != reference
    return rates


def show_rates(rates: dict[str, dict[str, Rate]], exact: bool) -> None:
    """Print every task's table, and hold the texts against each other where they must be the same."""
    for task, by_name in rates.items():
        speed = {name: rate.tokens / rate.seconds for name, rate in by_name.items()}
        differing = {name: rate.differing for name, rate in by_name.items() if rate.differing}
        if exact and differing:
            raise SystemExit(f"{task}: {', '.join(differing)} wrote another text than the target alone")
        alone = speed["autoregressive"]
        ours = {name: value for name, value in speed.items() if name.startswith(("speculative", "ngram"))}
        best = max(ours, key=lambda name: ours[name])
        show(
            f"{task}" + (f"; texts that differ: {differing}" if differing else ""),
            [
                *(
                    Figure(name, value, "tok/s", remark=f"  {value / alone:.2f}×")
                    for name, value in speed.items()
                ),
                Figure(
                    "autoregressive / transformers",
                    alone / speed["transformers"],
                    "×",
                    at_least=AUTOREGRESSIVE_TARGET,
                ),
                Figure(
                    f"{best} / transformers assisted",
                    ours[best] / speed["transformers-assisted"],
                    "×",
                    at_least=SPECULATIVE_TARGET,
                ),
                Figure(
                    "goodput / autoregressive",
                    ours["speculative goodput"] / alone,
                    "×",
                    at_least=WORST_TARGET,
                ),
            ],
        )


def show_prediction(
    target: LanguageModel, draft: LanguageModel, rates: dict[str, dict[str, Rate]], tokens: int
) -> None:
    """Foretell the speed-up of a task from its own prompts, as `ahasd predict` does, and compare."""
    figures = []
    for task, by_name in rates.items():
        prompts = [
            Prompt(str(number), task, (text,)) for number, text in enumerate(prompts_of(target, task), 1)
        ]
        measured = measure(target, draft, prompts, tokens, EmulatedLatency(), concurrently=False)
        alone = seconds_alone(measured.runtime, measured.trace)
        foretold = forecast(measured.runtime, "speculative", parse_algorithm("svip"), measured.trace, alone)
        speed = {name: rate.tokens / rate.seconds for name, rate in by_name.items()}
        found = speed["speculative svip"] / speed["autoregressive"]
        off = abs(foretold.speedup.mean / found - 1) * 100
        figures.append(
            Figure(
                f"{task}: svip, off the prediction",
                off,
                "%",
                PREDICTION_TARGET,
                f"  foretold {foretold.speedup.mean:.2f}×, found {found:.2f}×",
            )
        )
    show("`ahasd predict` against what was measured", figures)


def resident(what: str, target: str) -> None:
    """Print the memory of a process that only imports, or of one that decodes asynchronously, at its peak."""
    import transformers  # noqa: F401

    if what == "decodes":
        from ahasd.decoding import SpeculativeDecoder

        with SpeculativeDecoder(target, method="async", threads=1) as decoder:
            peak = 0.0
            for number, _ in enumerate(decoder.stream([1, 2, 3], max_new_tokens=48, do_sample=False)):
                if number % 8 == 0:
                    peak = max(peak, tree_megabytes())
            weights = sum(
                parameter.numel() * parameter.element_size()
                for model in (decoder.target, decoder.draft)
                if model is not None
                for parameter in {id(each): each for each in model.model.parameters()}.values()
            )
        print(peak, weights / 1e6)
    else:
        print(tree_megabytes(), 0.0)


def show_memory(target: str) -> None:
    """Compare the two in processes of their own."""
    (imports, _), (decodes, weights) = (
        map(
            float,
            subprocess.run(
                [sys.executable, __file__, "--resident", what, "--target", target],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split(),
        )
        for what in ("imports", "decodes")
    )
    show(
        "memory of async with both workers",
        [
            Figure("a process that only imports torch and transformers", imports, "MB"),
            Figure("weights", weights, "MB"),
            Figure("all processes, beyond both", decodes - imports - weights, "MB", MEGABYTES_TARGET),
        ],
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--target", default=TARGET)
    parser.add_argument("--draft", default="smollm2-135m-draft")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--draft-device")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--resident", choices=("imports", "decodes"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.resident:
        resident(given.resident, given.target)
        return
    on_cpu = given.device == "cpu"
    if not on_cpu and not torch.cuda.is_available():
        raise SystemExit(f"error: no CUDA device is there, so nothing was measured on '{given.device}'")
    clock = process_time if on_cpu else perf_counter
    began = process_time()
    target = load_language_model(given.target, device=given.device, dtype=given.dtype)
    load_seconds = process_time() - began
    draft = load_language_model(given.draft, device=given.draft_device or given.device, dtype=given.dtype)
    # Our loader lays matrices out as they are the fastest here; transformers gets them as it loads them itself.
    theirs = replace(target, model=copy.deepcopy(target.model))
    for parameter in theirs.model.parameters():
        parameter.data = parameter.data.contiguous()
    latency = EmulatedLatency()
    contenders: list[Contender] = [
        OwnContender("autoregressive", "fixed:1", target, None, latency),
        *(OwnContender("speculative", algorithm, target, draft, latency) for algorithm in ALGORITHMS),
        OwnContender("ngram", "fixed:10", target, None, latency),
        TransformersContender(theirs, None, latency),
        TransformersContender(theirs, draft, latency),
    ]
    if not on_cpu:
        contenders.insert(3, OwnContender("async", "svip", target, draft, latency))
    rates = compare(contenders, target, given.tokens, clock)
    for contender in contenders:
        contender.close()
    print(
        f"{given.target} with {given.draft}, {given.dtype} on {given.device}, {given.tokens} tokens a prompt"
    )
    show_rates(rates, exact=given.dtype == "float32")
    show_prediction(target, draft, rates, given.tokens)
    show("loading", [Figure("the target", load_seconds, "CPU s", LOAD_SECONDS_TARGET)])
    if on_cpu:
        show_memory(given.target)


if __name__ == "__main__":
    main()
