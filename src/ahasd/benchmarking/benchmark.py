"""Decode the same prompts by several methods, in turn, and compare speed and texts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import median

from ahasd.benchmarking.contender import Contender, TextRun
from ahasd.benchmarking.dialogue import Dialogue
from ahasd.benchmarking.gpu_meter import GpuMeter, GpuUse
from ahasd.benchmarking.samples import Sample, sample_of
from ahasd.decoding.metrics import DecodingMetrics, combine
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.run_steps import RunSteps
from ahasd.errors import AhasdError

#: What texts and speeds are compared with, if it takes part; texts otherwise with those of the first method.
REFERENCE = "autoregressive"


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and most of some repetitions."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class GpuFigures:
    """What the GPUs took, prompts included, a value per repetition; utilisation is 0 to 1."""

    joules_per_token: Spread
    watts: Spread
    utilisation: Spread


@dataclass(frozen=True, slots=True)
class ContenderFigures:
    """What a contender did over all prompts and repetitions.

    Attributes
    ----------
    tokens
        Of one repetition.
    seconds_per_token
        Of decoding, one value per repetition.
    ttft_s
        Over prompts and repetitions.
    speedup
        Over the target alone in the same repetition; None without that.
    differing_texts
        Prompts whose text is not the reference's, in any repetition.
    metrics
        Of all repetitions together; None where the method has none.
    gpu
        None where no GPU was read.
    """

    method: str
    algorithm: str
    note: str
    tokens: int
    seconds_per_token: Spread
    ttft_s: Spread | None
    speedup: Spread | None
    differing_texts: int
    metrics: DecodingMetrics | None
    gpu: GpuFigures | None = None

    @property
    def tokens_per_second(self) -> float:
        """By the median."""
        return 1.0 / self.seconds_per_token.median

    @property
    def passes_by_accepted(self) -> dict[int, float]:
        """Share of the target passes by accepted drafts; empty for a method that drafts nothing."""
        if self.metrics is None or not self.metrics.drafted:
            return {}
        passes = self.metrics.verifications
        return {accepted: count / passes for accepted, count in self.metrics.accepted_histogram.items()}


@dataclass(frozen=True, slots=True)
class BenchResult:
    """A whole benchmark.

    Attributes
    ----------
    contenders
        In the order in which they were given.
    reference
        Whose texts the others were compared with.
    prompts, repetitions, max_new_tokens
        As asked for.
    texts
        {contender: new tokens of every prompt, turn by turn}, of the first repetition.
    samples
        Every text of every contender and repetition.
    timelines
        {contender: every pass of its first text}, of those that say.
    """

    contenders: tuple[ContenderFigures, ...]
    reference: str
    prompts: int
    repetitions: int
    max_new_tokens: int
    texts: dict[str, tuple[tuple[int, ...], ...]]
    samples: tuple[Sample, ...] = ()
    timelines: Mapping[str, RunSteps] = field(default_factory=dict)

    @property
    def identical(self) -> bool:
        """Whether all contenders wrote the same in every repetition."""
        return self.differing_texts == 0

    @property
    def differing_texts(self) -> int:
        """Over all contenders."""
        return sum(each.differing_texts for each in self.contenders)

    @property
    def smallest_top2_gap(self) -> float | None:
        """Over all contenders that know it."""
        gaps = [each.metrics.smallest_top2_gap for each in self.contenders if each.metrics is not None]
        return min((gap for gap in gaps if gap is not None), default=None)


def encode_prompts(
    prompts: Sequence[Prompt], models: Sequence[LanguageModel], max_new_tokens: int
) -> list[list[int]]:
    """Turn prompts into tokens of the first model, and see that they fit into the context of all.

    Raises
    ------
    AhasdError
        If one does not, or has no tokens; the message says which.
    """
    encoded = []
    for number, prompt in enumerate(prompts, start=1):
        tokens: list[int] = list(models[0].tokenizer(prompt.text, verbose=False)["input_ids"])
        name = f"prompt {number} (question {prompt.question_id})"
        if not tokens:
            raise AhasdError(f"{name} has no tokens")
        for model in models:
            needed = len(tokens) + max_new_tokens
            if model.context_limit is not None and needed > model.context_limit:
                raise AhasdError(
                    f"{name} needs a context of {needed}: {len(tokens)} tokens of the prompt + {max_new_tokens} new "
                    f"ones; '{model.name}' has {model.context_limit}. Shorten the prompt or lower --max-new-tokens."
                )
        encoded.append(tokens)
    return encoded


def bench(
    contenders: Sequence[Contender],
    prompts: Sequence[Sequence[int] | Dialogue],
    repetitions: int,
    max_new_tokens: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
    meter: GpuMeter | None = None,
) -> BenchResult:
    """Run every contender over all prompts, repetition by repetition, each time another one first.

    Before that each decodes the first prompt, which counts for nothing.

    Parameters
    ----------
    prompts
        Token ids, or conversations, of which every turn is a text; the answers in them are the contender's own.
    progress
        Told how many texts are done, and how many there are.
    meter
        Reads the GPUs meanwhile; None without.
    """
    dialogues = [
        each if isinstance(each, Dialogue) else Dialogue.of_tokens(each, str(number))
        for number, each in enumerate(prompts, start=1)
    ]
    total = len(contenders) * (1 + repetitions * sum(each.turns for each in dialogues))
    done = 0

    def run(contender: Contender, prompt: Sequence[int]) -> TextRun:
        nonlocal done
        text = contender.run(prompt, max_new_tokens)
        done += 1
        progress(done, total)
        return text

    def play(contender: Contender, dialogue: Dialogue) -> Iterator[TextRun]:
        answers: list[tuple[int, ...]] = []
        for _ in range(dialogue.turns):
            text = run(contender, dialogue.tokens(answers))
            answers.append(text.tokens)
            yield text

    for contender in contenders:
        run(contender, dialogues[0].tokens([]))
    runs: dict[str, list[list[TextRun]]] = {contender.name: [] for contender in contenders}
    uses: dict[str, list[GpuUse]] = {contender.name: [] for contender in contenders}
    for repetition in range(repetitions):
        first = repetition % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            with nullcontext() if meter is None else meter.measured() as use:
                runs[contender.name].append([text for each in dialogues for text in play(contender, each)])
            if use is not None:
                uses[contender.name].append(use)
    reference = next((each.name for each in contenders if each.method == REFERENCE), contenders[0].name)
    texts = {name: tuple(text.tokens for text in of_name[0]) for name, of_name in runs.items()}
    baseline = [_seconds_per_token(one) for one in runs[reference]] if reference == REFERENCE else None
    return BenchResult(
        tuple(
            _figures(each, runs[each.name], texts[reference], baseline, uses[each.name])
            for each in contenders
        ),
        reference,
        len(prompts),
        repetitions,
        max_new_tokens,
        texts,
        tuple(
            sample_of(contender, repetition, index, turn, dialogue.prompt, next(texts_of))
            for contender in contenders
            for repetition, one in enumerate(runs[contender.name])
            for texts_of in [iter(one)]
            for index, dialogue in enumerate(dialogues)
            for turn in range(dialogue.turns)
        ),
        {name: steps for name, of_name in runs.items() if (steps := of_name[0][0].steps) is not None},
    )


def _figures(
    contender: Contender,
    runs: list[list[TextRun]],
    reference: tuple[tuple[int, ...], ...],
    baseline: list[float] | None,
    uses: list[GpuUse],
) -> ContenderFigures:
    times = [_seconds_per_token(one) for one in runs]
    texts = [text for one in runs for text in one]
    firsts = [text.ttft_s for text in texts if text.ttft_s is not None]
    metrics = [text.metrics for text in texts if text.metrics is not None]
    differing: Counter[int] = Counter()
    for one in runs:
        differing.update(place for place, text in enumerate(one) if text.tokens != reference[place])
    return ContenderFigures(
        contender.method,
        contender.algorithm,
        contender.note,
        sum(len(text.tokens) for text in runs[0]),
        _spread(times),
        _spread(firsts) if firsts else None,
        None
        if baseline is None
        else _spread([alone / time for alone, time in zip(baseline, times, strict=True)]),
        len(differing),
        combine(metrics) if metrics else None,
        _gpu_figures(uses, runs) if uses else None,
    )


def _gpu_figures(uses: list[GpuUse], runs: list[list[TextRun]]) -> GpuFigures:
    tokens = [max(1, sum(len(text.tokens) for text in one)) for one in runs]
    return GpuFigures(
        _spread([use.joules / count for use, count in zip(uses, tokens, strict=True)]),
        _spread([use.mean_watts for use in uses]),
        _spread([use.mean_utilisation for use in uses]),
    )


def _seconds_per_token(texts: list[TextRun]) -> float:
    return sum(text.seconds for text in texts) / max(1, sum(text.timed_tokens for text in texts))


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))
