"""Synthetic attention: how even and how lasting the choice of pages is, set by hand instead of recorded."""

from dataclasses import dataclass, fields

import numpy as np

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.traces.attention.checks import PAGED, STREAMING
from ahasd.traces.attention.header import AttentionHeader
from ahasd.traces.attention.trace import AttentionTrace
from ahasd.traces.header_fields import SYNTHETIC
from ahasd.traces.rollout.coins import bit_generator
from ahasd.traces.synthetic_settings import parse_settings

PREFIX = "synthetic-attention"

#: Pages to choose from, over all steps, layers and heads, at most: some seconds and 400 MB (ours).
MOST_CANDIDATES = 50_000_000


@dataclass(frozen=True, slots=True)
class SyntheticAttention:
    """What synthetic attention is made from.

    Parameters
    ----------
    layers, heads, queries
        L, H, and queries that share a head's pages.
    steps, context
        T, of one prompt, and tokens that the first step attends to.
    page, budget, sink, recent
        As in the header.
    streaming
        Share of the heads of each layer that stream, rounded.
    zipf
        Exponent of the popularity: in each head the page of rank r has weight r^-zipf, ranks by the seed. 0: all are
        alike.
    repeat
        Probability with which each page of a step is kept for the next one.
    seed
        At least 0.

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """

    layers: int = 32
    heads: int = 8
    queries: int = 4
    steps: int = 4
    context: int = 32768
    page: int = 16
    budget: int = 2048
    sink: int = 128
    recent: int = 256
    streaming: float = 0.5
    zipf: float = 0.6
    repeat: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        least = dict.fromkeys(
            ("layers", "heads", "queries", "steps", "context", "page", "budget", "recent"), 1
        )
        for name, low in {**least, "sink": 0, "seed": 0}.items():
            if getattr(self, name) < low:
                raise AhasdError(
                    f"synthetic attention: {name} is {getattr(self, name)}; must be at least {low}"
                )
        if not 0 <= self.zipf <= 8:
            raise AhasdError(f"synthetic attention: zipf is {self.zipf}; must be in [0, 8]")
        for name in ("repeat", "streaming"):
            if not 0 <= getattr(self, name) <= 1:
                raise AhasdError(f"synthetic attention: {name} is {getattr(self, name)}; must be in [0, 1]")
        if self.steps * self.layers * self.heads * (self.context // self.page + 1) > MOST_CANDIDATES:
            raise AhasdError(
                f"synthetic attention: steps, layers, heads and pages make more than the "
                f"{MOST_CANDIDATES:,} that are "
                "chosen from at once"
            )

    def __str__(self) -> str:
        return f"{PREFIX}:" + ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))


def parse_synthetic(text: str) -> AttentionTrace:
    """Make the trace that ``synthetic-attention:zipf=1,repeat=0.4,…`` describes; what is left out has its default.

    Raises
    ------
    UnknownNameError
        For a key that does not exist; the message lists those that do.
    AhasdError
        For a value that is not a number, a repeated key, or numbers that no trace has.
    """
    _, _, settings = text.partition(":")
    return synthesize(
        SyntheticAttention(**parse_settings(settings, SyntheticAttention, "synthetic attention"))
    )


def synthesize(what: SyntheticAttention) -> AttentionTrace:
    """Make a trace.

    Pages are drawn without replacement: the smallest of exponential times with the popularity as rate (Efraimidis and
    Spirakis, Information Processing Letters 97(5), 2006); those that are kept from the step before come first (ours).
    """
    draws = np.random.Generator(bit_generator(what.seed, "latent"))
    first, final = -(-what.sink // what.page), what.context + what.steps - 1
    pages = max(0, (final - what.recent) // what.page - first)
    most = min(max(3, what.budget // what.page), pages)
    classes = np.full((what.layers, what.heads), PAGED, np.uint8)
    classes[:, : round(what.heads * what.streaming)] = STREAMING
    chosen = np.full((what.steps, what.layers, what.heads, most), -1, np.int32)
    popularity = np.arange(1, pages + 1, dtype=np.float64) ** -what.zipf
    for layer, head in np.argwhere(classes == PAGED).tolist() if most else []:
        rate, before = popularity[draws.permutation(pages)], np.empty(0, np.int64)
        for step in range(what.steps):
            there = max(0, (what.context + step - what.recent) // what.page - first)
            times = draws.exponential(size=there) / rate[:there]
            kept = before[draws.random(len(before)) < what.repeat]
            times[kept] = -1.0
            before = np.sort(np.argsort(times, kind="stable")[: min(most, there)])
            chosen[step, layer, head, : len(before)] = before + first
    return AttentionTrace(
        AttentionHeader(
            SYNTHETIC,
            what.queries,
            what.page,
            what.budget,
            what.sink,
            what.recent,
            "none",
            "sampled",
            1.0,
            what.seed,
            str(what),
            __version__,
        ),
        chosen,
        what.context + np.arange(what.steps, dtype=np.int32),
        classes,
        np.array([0, what.steps], np.int32),
    )
