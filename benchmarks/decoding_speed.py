"""Decoding for real: our methods against transformers' own, ratios of one run.

Run with ``python benchmarks/decoding_speed.py``. Both sides run greedily on one thread with the same models, drafts
of constant length and no end token, and must write the same text; repetitions alternate. Times are CPU times, because
other processes may share the machine. Then, with emulated latencies (wall time), the asynchronous decoder against the
best alternating one and against what `ahasd predict` foretells; and with a CUDA device the step costs of a larger
pair with random weights in bf16.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
from ahasd.decoding.speculative_decoder import Method, SpeculativeDecoder
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.prediction.measurement import measure
from ahasd.prediction.predict import forecast, seconds_alone
from ahasd.speculation.drafting.specification import parse_algorithm
from support.deep_model import deepen
from support.figures import Figure, show
from support.random_model import random_llama

AUTOREGRESSIVE_TARGET, SPECULATIVE_TARGET, ASYNCHRONOUS_TARGET = 1.3, 1.5, 1.1
#: Percent that the prediction may be off.
PREDICTION_TARGET = 10.0
PROMPTS = ("class Reader:\n    def __init__(self, path):\n", "import os\nimport sys\n\n\ndef main(")
NEW_TOKENS, DRAFTED, REPEATS = 96, 5, 5
DEEP_LAYERS = 24
DRAFT_SECONDS, TARGET_SECONDS = 0.010, 0.066
#: Asynchronously a pass covers all that is drafted, and the algorithm hardly matters.
EMULATED: tuple[tuple[Method, str], ...] = (
    *(("speculative", name) for name in ("fixed:3", "fixed:4", "fixed:5", "fixed:6", "svip:h=0.7")),
    *(("async", name) for name in ("fixed:4", "adaedl")),
)
#: Layers and width of a pair that fits into 16 GB: about 3 G and 0.2 G parameters.
LARGE_TARGET, LARGE_DRAFT = (28, 3072), (8, 1024)
CONTEXT, WIDTHS, STEPS = 512, (1, 2, 4, 8), 20

Decode = Callable[[list[int]], list[int]]


def by_ours(decoder: SpeculativeDecoder) -> Decode:
    """Decode with a decoder of ours."""
    return lambda prompt: list(decoder.stream(prompt, max_new_tokens=NEW_TOKENS, eos_token_id=()))


def by_transformers(target: LanguageModel, draft: LanguageModel | None = None) -> Decode:
    """Decode with `generate`, assisted if there is a draft."""
    options: dict[str, Any] = {}
    if draft is not None:
        settings = draft.model.generation_config
        settings.num_assistant_tokens, settings.num_assistant_tokens_schedule = DRAFTED, "constant"
        settings.assistant_confidence_threshold = 0.0  # else it stops drafts early
        options["assistant_model"] = draft.model

    def decode(prompt: list[int]) -> list[int]:
        ids = torch.tensor([prompt])
        out = target.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            **options,
        )
        new: list[int] = out[0, len(prompt) :].tolist()
        return new

    return decode


def tokens_per_second(ways: dict[str, Decode], prompts: list[list[int]]) -> dict[str, float]:
    """Median of tokens per CPU second of every way; all must write the same."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for prompt in prompts:
        texts = {name: decode(prompt) for name, decode in ways.items()}  # warms up
        different = [name for name, text in texts.items() if text != next(iter(texts.values()))]
        if different:
            raise SystemExit(f"{', '.join(different)} wrote another text than {next(iter(texts))}")
        for _ in range(REPEATS):
            for name, decode in ways.items():
                began = process_time()
                decode(prompt)
                rates[name].append(NEW_TOKENS / (process_time() - began))
    return {name: median(values) for name, values in rates.items()}


def compare(target: LanguageModel, draft: LanguageModel) -> None:
    """Compare one pair's four ways of decoding."""
    with (
        SpeculativeDecoder(target, method="autoregressive") as alone,
        SpeculativeDecoder(target, draft, algorithm=f"fixed:{DRAFTED}") as speculative,
    ):
        ways = {
            "autoregressive": by_ours(alone),
            "speculative": by_ours(speculative),
            "transformers": by_transformers(target),
            "transformers assisted": by_transformers(target, draft),
        }
        prompts = [list(target.tokenizer(text)["input_ids"]) for text in PROMPTS]
        rates = tokens_per_second(ways, prompts)
    show(
        f"{target.name}, drafts of {DRAFTED}, {NEW_TOKENS} tokens, identical texts",
        [
            *(Figure(name, rate, "tok/s") for name, rate in rates.items()),
            Figure(
                "autoregressive / transformers",
                rates["autoregressive"] / rates["transformers"],
                "×",
                at_least=AUTOREGRESSIVE_TARGET,
            ),
            Figure(
                "speculative / transformers assisted",
                rates["speculative"] / rates["transformers assisted"],
                "×",
                at_least=SPECULATIVE_TARGET,
            ),
        ],
    )


def compare_with_latencies(target: LanguageModel, draft: LanguageModel) -> None:
    """Compare the asynchronous decoder with the alternating one where every call lasts as on a device of its own.

    Over the sample prompts, each once: padded steps hardly vary, texts do.
    """
    prompts = [list(target.tokenizer(prompt.text)["input_ids"]) for prompt in SAMPLE_PROMPTS]
    rates: dict[tuple[Method, str], float] = {}
    texts = set()
    for method, algorithm in EMULATED:
        with SpeculativeDecoder(
            target, draft, method, algorithm, draft_seconds=DRAFT_SECONDS, target_seconds=TARGET_SECONDS
        ) as decoder:
            out = decoder.generate(prompts, max_new_tokens=NEW_TOKENS)
        texts.add(out.new_tokens)
        rates[method, algorithm] = out.metrics.tokens / out.metrics.seconds
    if len(texts) > 1:
        raise SystemExit("the methods wrote different texts")
    best = {way: rate for way, rate in rates.items() if way[0] == "async"}
    fastest = max(best, key=lambda way: best[way])
    alternating = max(rate for (method, _), rate in rates.items() if method == "speculative")
    foretold = predicted_rate(target, draft, fastest[1])
    show(
        f"{target.name}, emulated {DRAFT_SECONDS * 1e3:g} ms and {TARGET_SECONDS * 1e3:g} ms per call, wall time, "
        f"{len(prompts)} prompts",
        [
            *(Figure(f"{method}, {algorithm}", rate, "tok/s") for (method, algorithm), rate in rates.items()),
            Figure(
                "best async / best speculative",
                rates[fastest] / alternating,
                "×",
                at_least=ASYNCHRONOUS_TARGET,
            ),
            Figure(
                "best async, off the prediction",
                abs(rates[fastest] / foretold - 1) * 100,
                "%",
                PREDICTION_TARGET,
                f"  foretold {foretold:.1f} tok/s",
            ),
        ],
    )


def predicted_rate(target: LanguageModel, draft: LanguageModel, algorithm: str) -> float:
    """Tokens per second of asynchronous decoding as `ahasd predict` foretells them."""
    latency = EmulatedLatency(DRAFT_SECONDS, TARGET_SECONDS)
    measured = measure(target, draft, SAMPLE_PROMPTS, NEW_TOKENS, latency, concurrently=True)
    runtime, trace = measured.runtime, measured.trace
    alone = seconds_alone(runtime, trace)
    return forecast(runtime, "async", parse_algorithm(algorithm), trace, alone).tokens_per_second


def step_ms(runner: ModelRunner, width: int) -> float:
    """Median milliseconds of a step of so many tokens behind a context, wall time."""
    if runner.length == 0:
        runner.forward([1 + index % 1000 for index in range(CONTEXT)], rows=0)
    times = []
    for _ in range(STEPS + 3):
        began = perf_counter()
        runner.forward([7] * width)[-1].argmax().item()  # waits for the device
        times.append((perf_counter() - began) * 1e3)
        runner.roll_back(CONTEXT)
    return median(times[3:])


def step_costs(name: str, layers: int, width: int, device: str, dtype: str) -> None:
    """Show what steps of a model with random weights cost, through both runners."""
    model = random_llama(name, layers, width, device, dtype)
    lean, general = build_runner(model), TransformersRunner(model)
    figures = []
    for count in WIDTHS:
        ours, theirs = step_ms(lean, count), step_ms(general, count)
        figures += [
            Figure(f"step of {count}, ours", ours, "ms"),
            Figure(f"step of {count}, transformers", theirs, "ms", remark=f"{theirs / ours:.2f}×"),
        ]
    size = sum(parameter.numel() for parameter in model.model.parameters()) / 1e9
    show(
        f"{name}: {layers} layers, {size:.2f} G parameters, {dtype} on {device}, context {CONTEXT}, "
        f"{type(lean).__name__}",
        figures,
    )


def main() -> None:
    """Measure and print everything that this machine can."""
    torch.set_num_threads(1)
    target, draft = load_tiny_pair()
    for pair_target in (target, deepen(target, DEEP_LAYERS)):
        compare(pair_target, draft)
    compare_with_latencies(target, draft)
    if torch.cuda.is_available():
        for name, (layers, width) in {"large target": LARGE_TARGET, "large draft": LARGE_DRAFT}.items():
            step_costs(name, layers, width, "cuda", "bfloat16")
    else:
        print("\nskipped: step costs of a larger pair in bf16 (this machine has no CUDA device)")


if __name__ == "__main__":
    main()
