"""What a decoding run took and yielded, in the terms of the result contract."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

from ahasd.decoding.rules.rule import Judgement
from ahasd.speculation.rates import TokenRates

#: Half the distance of 1 to the next number, by type of weights (IEEE 754; bfloat16: 8 significant bits).
ROUNDING = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}


@dataclass(frozen=True, slots=True)
class DecodingMetrics(TokenRates):
    """Figures of a request, or of a queue of them.

    Parameters
    ----------
    method, algorithm
        How it was decoded; the algorithm as written, "" without a draft.
    dtype
        Type of the target's weights ("float32").
    tokens, tokens_cut
        Tokens given out; surplus tokens of last rounds, behind the end of the text.
    tokens_of_prefill
        Those that came with the pass over the prompt, one a text: `seconds` does not hold the time for them.
    seconds, seconds_prefill
        Decoding after prefill; prefill of both models, the first token included.
    ttft_s
        From the start of the request to its first token; the mean over a queue; None without tokens.
    drafted, accepted, rejected, flushed
        Drafted tokens and their fates: flushed were dropped behind a rejection; the others are in flight at the end.
    verifications
        Target passes, that over the prompt among them.
    accepted_histogram
        {accepted tokens: passes}.
    smallest_top2_gap
        How far the best score of the target lay above the second best, at its closest; None in independent
        sampling. A text is surely that of the target alone while this exceeds the rounding of the logits.
    close_calls
        Positions where the gap was within one rounding of the weights' type, where batched and single steps
        may choose differently.
    """

    method: str
    algorithm: str
    dtype: str
    tokens: int = 0
    tokens_cut: int = 0
    tokens_of_prefill: int = 0
    seconds: float = 0.0
    seconds_prefill: float = 0.0
    ttft_s: float | None = None
    drafted: int = 0
    accepted: int = 0
    rejected: int = 0
    flushed: int = 0
    verifications: int = 0
    accepted_histogram: dict[int, int] = field(default_factory=dict)
    smallest_top2_gap: float | None = None
    close_calls: int = 0

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens per second of decoding, those behind the first of each text; None before any."""
        return self._timed / self.seconds if self.seconds > 0 and self._timed else None

    @property
    def tpot_s(self) -> float | None:
        """Seconds per token, of those behind the first of each text; None before any."""
        return self.seconds / self._timed if self._timed else None

    @property
    def mean_acceptance_length(self) -> float | None:
        """Tokens that a pass of the target yields on average, the pass over the prompt apart."""
        passes = self.verifications - self.tokens_of_prefill
        return (self.emitted - self.tokens_of_prefill) / passes if passes > 0 else None

    @property
    def _timed(self) -> int:
        return self.tokens - self.tokens_of_prefill

    @property
    def emitted(self) -> int:
        """Tokens of the text, those behind its end included."""
        return self.tokens + self.tokens_cut

    @property
    def rounding_note(self) -> str:
        """What the type of the weights means for exactness: "" in float32, where the text is the target's own."""
        if self.dtype in ("float32", "float64"):
            return ""
        return (
            f"{self.dtype}: batched and single steps round differently, so ties may fall otherwise than with the "
            "target alone"
        )

    @property
    def note(self) -> str:
        """The same with how many decisions were that close."""
        text = self.rounding_note
        if not text or self.smallest_top2_gap is None:
            return text
        return (
            f"{text}; the two best scores were within rounding at {self.close_calls} of {self.tokens} tokens"
        )


class MetricsRecorder:
    """Counts along while a request runs.

    Parameters
    ----------
    method, algorithm, dtype
        See `DecodingMetrics`.
    clock
        Seconds from any start.
    """

    def __init__(
        self, method: str, algorithm: str, dtype: str, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._labels = (method, algorithm, dtype)
        self._clock = clock
        self._began = clock()
        self._prefilled: float | None = None
        self._first: float | None = None
        self._last = self._began
        self._gap: float | None = None
        self._close_calls = 0
        self._histogram: Counter[int] = Counter()
        self._rounds: list[tuple[float, int]] = []
        self.tokens = self.tokens_cut = 0
        self.drafted = self.accepted = self.rejected = self.flushed = 0

    @property
    def labels(self) -> tuple[str, str]:
        """Method and algorithm."""
        return self._labels[:2]

    @property
    def began(self) -> float:
        """Moment of the request, on the clock."""
        return self._began

    @property
    def rounds(self) -> tuple[tuple[float, int], ...]:
        """(moment on the clock, tokens of the text) of every time that tokens were given out."""
        return tuple(self._rounds)

    def prefilled(self) -> None:
        """All models that run know the prompt; told again when a further one does."""
        self._prefilled = self._last = self._clock()

    def verified(self, accepted: int, rejected: int = 0, flushed: int = 0) -> None:
        """Count a target pass: tokens accepted in it, the rejected one, and those flushed behind that."""
        self._histogram[accepted] += 1
        self.accepted += accepted
        self.rejected += rejected
        self.flushed += flushed

    def judged(self, verdict: Judgement) -> None:
        """Take the margins of a verdict."""
        rounding = ROUNDING.get(self._labels[2], 0.0)
        for margin, best in zip(verdict.margins, verdict.best, strict=True):
            self._gap = margin if self._gap is None else min(self._gap, margin)
            self._close_calls += margin <= rounding * abs(best)

    def emitted(self, tokens: int, cut: int = 0) -> None:
        """Count tokens of the text, at the moment they are given out, and surplus ones behind its end."""
        self._last = self._clock()
        if tokens and self._first is None:
            self._first = self._last
        self._rounds.append((self._last, tokens))
        self.tokens += tokens
        self.tokens_cut += cut

    def cut(self, tokens: int) -> None:
        """Take so many of the tokens given out back: they turned out to stand behind the end."""
        self.tokens -= tokens
        self.tokens_cut += tokens

    def result(self) -> DecodingMetrics:
        """Give the figures so far."""
        method, algorithm, dtype = self._labels
        ready = self._began if self._prefilled is None else self._prefilled
        return DecodingMetrics(
            method=method,
            algorithm=algorithm,
            dtype=dtype,
            tokens=self.tokens,
            tokens_cut=self.tokens_cut,
            tokens_of_prefill=int(self.tokens > 0),
            seconds=self._last - ready,
            seconds_prefill=ready - self._began,
            ttft_s=None if self._first is None else self._first - self._began,
            drafted=self.drafted,
            accepted=self.accepted,
            rejected=self.rejected,
            flushed=self.flushed,
            verifications=self._histogram.total(),
            accepted_histogram=dict(sorted(self._histogram.items())),
            smallest_top2_gap=self._gap,
            close_calls=self._close_calls,
        )


def combine(parts: Iterable[DecodingMetrics]) -> DecodingMetrics:
    """Add up the metrics of a queue of requests, at least one, all of one decoder."""
    parts = list(parts)
    gaps = [part.smallest_top2_gap for part in parts if part.smallest_top2_gap is not None]
    firsts = [part.ttft_s for part in parts if part.ttft_s is not None]
    histogram: Counter[int] = Counter()
    for part in parts:
        histogram.update(part.accepted_histogram)
    return DecodingMetrics(
        method=parts[0].method,
        algorithm=parts[0].algorithm,
        dtype=parts[0].dtype,
        tokens=sum(part.tokens for part in parts),
        tokens_cut=sum(part.tokens_cut for part in parts),
        tokens_of_prefill=sum(part.tokens_of_prefill for part in parts),
        seconds=sum(part.seconds for part in parts),
        seconds_prefill=sum(part.seconds_prefill for part in parts),
        ttft_s=sum(firsts) / len(firsts) if firsts else None,
        drafted=sum(part.drafted for part in parts),
        accepted=sum(part.accepted for part in parts),
        rejected=sum(part.rejected for part in parts),
        flushed=sum(part.flushed for part in parts),
        verifications=sum(part.verifications for part in parts),
        accepted_histogram=dict(sorted(histogram.items())),
        smallest_top2_gap=min(gaps, default=None),
        close_calls=sum(part.close_calls for part in parts),
    )
