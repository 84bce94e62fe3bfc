"""Synthetic routing: popularity and repetition of experts set by hand instead of recorded."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ahasd import __version__
from ahasd.errors import AhasdError
from ahasd.traces.header_fields import SYNTHETIC
from ahasd.traces.rollout.coins import bit_generator
from ahasd.traces.routing.checks import MOST_AHEAD
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.trace import RoutingTrace
from ahasd.traces.synthetic_settings import parse_settings

PREFIX = "synthetic-routing"

#: Scores of a trace at most; so many take some seconds and 200 MB (ours).
MOST_SCORES = 50_000_000


@dataclass(frozen=True, slots=True)
class SyntheticRouting:
    """What synthetic routing is made from.

    Parameters
    ----------
    experts, top, layers
        E, k and L.
    tokens, prompts, prefix
        T over all prompts, P, and how many tokens of each were given.
    zipf
        Exponent of the popularity: in each layer the expert of rank r has weight r^-zipf, ranks by the seed. 0: all
        are alike.
    repeat
        Probability with which each expert of a token is kept for the next one; the others are drawn anew, and may by
        chance be the same. 0: tokens are independent.
    depth, accuracy
        D, and the share of what the next gate foresees that comes true; d rows ahead it is ``accuracy ** d``.
    seed
        At least 0.

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """

    experts: int = 64
    top: int = 6
    layers: int = 8
    tokens: int = 2000
    prompts: int = 10
    prefix: int = 20
    zipf: float = 0.6
    repeat: float = 0.3
    depth: int = 1
    accuracy: float = 0.85
    seed: int = 0

    def __post_init__(self) -> None:
        least = {
            "experts": 1,
            "top": 1,
            "layers": 1,
            "tokens": 1,
            "prompts": 1,
            "prefix": 0,
            "depth": 0,
            "seed": 0,
        }
        for name, low in least.items():
            if getattr(self, name) < low:
                raise AhasdError(
                    f"synthetic routing: {name} is {getattr(self, name)}; must be at least {low}"
                )
        if self.top > self.experts or self.experts > 2**15:
            raise AhasdError(f"synthetic routing: a token cannot take {self.top} of {self.experts} experts")
        if self.depth > MOST_AHEAD:
            raise AhasdError(f"synthetic routing: depth is {self.depth}; must be at most {MOST_AHEAD}")
        if not 0 <= self.zipf <= 8:
            raise AhasdError(f"synthetic routing: zipf is {self.zipf}; must be in [0, 8]")
        for name in ("repeat", "accuracy"):
            if not 0 <= getattr(self, name) <= 1:
                raise AhasdError(f"synthetic routing: {name} is {getattr(self, name)}; must be in [0, 1]")
        if self.tokens < self.prompts * (self.prefix + 1):
            raise AhasdError(
                f"synthetic routing: {self.prompts} prompts with {self.prefix} tokens of a prefix and one of their "
                f"own are more than the {self.tokens} tokens"
            )
        if self.tokens * self.layers * self.experts > MOST_SCORES:
            raise AhasdError(
                f"synthetic routing: tokens, layers and experts make more than the {MOST_SCORES:,} scores that are "
                "made up at once"
            )

    def __str__(self) -> str:
        return f"{PREFIX}:" + ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))


def parse_synthetic(text: str) -> RoutingTrace:
    """Make the trace that ``synthetic-routing:zipf=1,repeat=0.4,…`` describes; what is left out has its default.

    Raises
    ------
    UnknownNameError
        For a key that does not exist; the message lists those that do.
    AhasdError
        For a value that is not a number, a repeated key, or numbers that no trace has.
    """
    _, _, settings = text.partition(":")
    return synthesize(SyntheticRouting(**parse_settings(settings, SyntheticRouting, "synthetic routing")))


def synthesize(what: SyntheticRouting) -> RoutingTrace:
    """Make a trace.

    Experts are drawn without replacement: the k smallest of exponential times with the popularity as rate (Efraimidis
    and Spirakis, Information Processing Letters 97(5), 2006). The score is the inverse time, those that are kept from
    the token before above all others, all scaled to a sum of 1 (ours).
    """
    draws = np.random.Generator(bit_generator(what.seed, "latent"))
    popularity = np.arange(1, what.experts + 1, dtype=np.float64) ** -what.zipf
    rate = np.stack([popularity[np.argsort(draws.random(what.experts))] for _ in range(what.layers)])
    starts = np.linspace(0, what.tokens, what.prompts + 1).astype(np.int32)
    chosen = np.empty((what.tokens, what.layers, what.top), np.int16)
    scores = np.empty((what.tokens, what.layers, what.experts), np.float16)
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        for token in range(start, end):
            inverse = rate / -np.log1p(-draws.random(rate.shape))
            if token > start:
                kept = draws.random((what.layers, what.top)) < what.repeat
                layer, place = np.nonzero(kept)
                inverse[layer, chosen[token - 1, layer, place]] += inverse.max(axis=1)[layer]
            order = np.argsort(-inverse, axis=1, kind="stable")
            chosen[token] = order[:, : what.top]
            scores[token] = inverse / inverse.sum(axis=1, keepdims=True)
    return RoutingTrace(
        header=RoutingHeader(
            model=SYNTHETIC,
            experts=what.experts,
            layers=tuple(range(what.layers)),
            tokenizer_hash="none",
            mode="sampled",
            temperature=1.0,
            seed=what.seed,
            prompts=str(what),
            tool_version=__version__,
        ),
        chosen=chosen,
        prompt_start=starts,
        continuation_start=starts[:-1] + np.int32(what.prefix),
        scores=scores,
        ahead=_ahead(what, chosen, draws) if what.depth else None,
    )


def _ahead(
    what: SyntheticRouting, chosen: npt.NDArray[np.int16], draws: np.random.Generator
) -> npt.NDArray[np.int16]:
    """What gates foresee: each expert comes true with a probability, the others are any that do not."""
    ahead = np.full((what.tokens, what.layers, what.depth, what.top), -1, np.int16)
    wrong = min(what.top, what.experts - what.top)
    for d in range(1, min(what.depth, what.layers - 1) + 1):
        truth = chosen[:, d:]
        keys = draws.random((*truth.shape[:2], what.experts))
        np.put_along_axis(keys, truth.astype(np.int64), 2.0, axis=2)
        others = np.argsort(keys, axis=2)[:, :, :wrong]
        foreseen = truth.copy()
        missed = draws.random(truth.shape) >= what.accuracy**d
        # With fewer experts left over than are chosen, the last ones are always foreseen.
        foreseen[:, :, :wrong] = np.where(missed[:, :, :wrong], others, truth[:, :, :wrong])
        ahead[:, : what.layers - d, d - 1] = foreseen
    return ahead
