"""Several prompts in one pass, by the number of prompts: tokens per second of every method, and where drafts pay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import Any, cast

from ahasd.benchmarking.benchmark import REFERENCE, Spread
from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.speculative.ngram_decoder import DEFAULT_ALGORITHM
from ahasd.traces.rollout.rollout import RolloutTrace

#: Methods that decode several prompts in one pass.
METHODS = ("autoregressive", "speculative", "ngram")


@dataclass(frozen=True, slots=True)
class BatchWay:
    """A method with its algorithm, and whether it drafts always or where that is measured to pay."""

    method: str
    algorithm: str = ""
    always_draft: bool = True

    @property
    def name(self) -> str:
        """Method and algorithm, and when it drafts."""
        name = f"{self.method} {self.algorithm}".rstrip()
        return name if self.always_draft else f"{name}, where it pays"


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """What a way did with so many prompts in one pass.

    Parameters
    ----------
    way
        Which.
    size
        Prompts in one pass.
    tokens_per_second
        Of all rows together, prefill apart, one value per repetition.
    speedup
        Over the target alone in the same repetition at the same size.
    tokens_per_pass
        That a row gains by a pass of the target it takes part in, prefill apart; None before any.
    differing_texts
        Prompts whose text is not that of the target alone at batch 1, in any repetition.
    """

    way: BatchWay
    size: int
    tokens_per_second: Spread
    speedup: Spread
    tokens_per_pass: float | None
    differing_texts: int


def batch_ways(methods: Sequence[str], algorithms: Sequence[str]) -> list[BatchWay]:
    """Give the ways to compare; the target alone is always among them, first."""
    ways = [BatchWay(REFERENCE)]
    for method in methods:
        if method == REFERENCE:
            continue
        for algorithm in algorithms if method == "speculative" else (DEFAULT_ALGORITHM,):
            ways += [BatchWay(method, algorithm, always) for always in (True, False)]
    return ways


def bench_batches(
    target: LanguageModel,
    draft: LanguageModel | None,
    ways: Sequence[BatchWay],
    sizes: Sequence[int],
    prompts: Sequence[Sequence[int]],
    repetitions: int,
    max_new_tokens: int,
    latency: EmulatedLatency,
    trace: RolloutTrace | str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[BatchFigures]:
    """Decode a batch of every size by every way, greedily, by turns; the first run of each counts for nothing.

    Parameters
    ----------
    ways
        From `batch_ways`.
    sizes
        Prompts in one pass, each 1 to 16.
    prompts
        Token ids; a batch takes the first ones, and begins again with the first where there are too few.
    progress
        Told how many batches are done, and how many there are.
    """
    decoders = {
        (way.method, way.algorithm): SpeculativeDecoder(
            target,
            draft if way.method == "speculative" else None,
            cast(Any, way.method),
            way.algorithm or None,
            draft_seconds=latency.draft_s,
            target_seconds=latency.target_s,
            trace=trace,
        )
        for way in dict.fromkeys(ways)
    }
    total, done = len(sizes) * len(ways) * (1 + repetitions), 0

    def run(way: BatchWay, batch: Sequence[Sequence[int]]) -> Any:
        nonlocal done
        found = decoders[way.method, way.algorithm].generate(
            batch,
            attention_mask=[[1] * len(tokens) for tokens in batch],
            max_new_tokens=max_new_tokens,
            do_sample=False,
            # One prompt goes through the batched decoder too.
            batch_size=max(2, len(batch)),
            always_draft=None if way.method == REFERENCE else way.always_draft,
        )
        done += 1
        progress(done, total)
        return found

    alone = decoders[REFERENCE, ""]
    figures = []
    for size in sizes:
        batch = list(islice(cycle(prompts), size))
        expected = alone.generate(
            batch,
            attention_mask=[[1] * len(tokens) for tokens in batch],
            max_new_tokens=max_new_tokens,
            do_sample=False,
        ).new_tokens
        runs: dict[BatchWay, list[Any]] = {way: [] for way in ways}
        for way in ways:
            run(way, batch)
        for repetition in range(repetitions):
            first = repetition % len(ways)
            for way in (*ways[first:], *ways[:first]):
                runs[way].append(run(way, batch))
        plain = [out.metrics.tokens_per_second or 0.0 for out in runs[ways[0]]]
        figures += [_figures(way, size, runs[way], plain, expected) for way in ways]
    return figures


def _figures(
    way: BatchWay, size: int, runs: list[Any], plain: list[float], expected: tuple[tuple[int, ...], ...]
) -> BatchFigures:
    rates = [out.metrics.tokens_per_second or 0.0 for out in runs]
    differing = {
        place
        for out in runs
        for place, (text, wanted) in enumerate(zip(out.new_tokens, expected, strict=True))
        if text != wanted
    }
    return BatchFigures(
        way,
        size,
        _spread(rates),
        _spread([rate / base if base else 1.0 for rate, base in zip(rates, plain, strict=True)]),
        runs[0].metrics.mean_acceptance_length,
        len(differing),
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))
