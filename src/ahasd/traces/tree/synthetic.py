"""Synthetic tree traces: how often heads are right set by hand, or as published, instead of recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ahasd import __version__
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.text_files import plain_number
from ahasd.traces.header_fields import SYNTHETIC
from ahasd.traces.rollout.coins import bit_generator
from ahasd.traces.synthetic_settings import parse_settings
from ahasd.traces.tree.checks import MOST_CANDIDATES, MOST_HEADS
from ahasd.traces.tree.published import WITHIN
from ahasd.traces.tree.trace import TreeHeader, TreeTrace

PREFIX = "synthetic-tree"

#: Tokens of the vocabulary, as LLaMA 2 has them, and wrong tokens that are likely enough at one place of the text to
#: be anybody's candidate there (both ours).
VOCABULARY, PLAUSIBLE = 32_000, 128

#: Guesses of a trace at most; so many take some seconds and 300 MB (ours).
MOST_GUESSES = 5_000_000

#: Traces that are kept, as the runs of a comparison ask for the same again and again; 30 MB each at most (ours).
KEPT = 2


@dataclass(frozen=True, slots=True)
class SyntheticTree:
    """What a synthetic tree trace is made from.

    Parameters
    ----------
    heads
        Published heads by name, such as medusa-7b; or of each head the share of truths among its first k candidates,
        such as ``0.6:0.7/0.3:0.4`` for two heads of two.
    depth
        How many of the heads; 0 is all.
    top
        Candidates of a head. Beyond those whose accuracy is given, each is right less often than the one before by
        the ratio by which those given fall from the second on in the mean (ours).
    sharpness
        What heads know of their own chances, 0 to 1. 0: they always say their average. 1: they know whether the truth
        is among their candidates.
    positions, prompts
        N and P; the positions are shared evenly among the texts.
    early_layer
        Layer after which early guesses are made; 0 is none.
    early_recall
        Share of the text's tokens among the early guesses.
    early_kept
        Share of wrong candidates among them.
    seed
        At least 0.

    Raises
    ------
    AhasdError
        If no trace has such numbers.
    """

    heads: str = "medusa-7b"
    depth: int = 0
    top: int = 10
    sharpness: float = 0.0
    positions: int = 8000
    prompts: int = 20
    early_layer: int = 0
    early_recall: float = 0.95
    early_kept: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        given = len(self.within)
        for name, low, high in (
            ("depth", 0, given),
            ("top", len(self.within[0]), MOST_CANDIDATES),
            ("sharpness", 0, 1),
            ("positions", 1, MOST_GUESSES),
            ("prompts", 1, self.positions),
            ("early_layer", 0, 2**15),
            ("early_recall", 0, 1),
            ("early_kept", 0, 1),
            ("seed", 0, 2**63),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise AhasdError(f"synthetic tree: {name} is {value}; must be {low} to {high}")
        if self.positions * (self.depth or given) * self.top > MOST_GUESSES:
            raise AhasdError(
                f"synthetic tree: positions, heads and candidates make more than the {MOST_GUESSES:,} guesses that "
                "are made up at once; a run walks through fewer in circles"
            )

    @property
    def within(self) -> tuple[tuple[float, ...], ...]:
        """Of each head, how often the truth is among its first k candidates, as far as that is given."""
        return WITHIN[self.heads] if self.heads in WITHIN else _parse_heads(self.heads)

    @property
    def probability(self) -> npt.NDArray[np.float64]:
        """H×m: how often each candidate is right."""
        within = np.array(self.within[: self.depth or None], np.float64)
        each = np.diff(within, prepend=0.0)
        first = min(1, each.shape[1] - 1)
        steps = each.shape[1] - 1 - first
        if steps:
            falls = np.divide(each[:, -1], each[:, first], out=np.zeros(len(each)), where=each[:, first] > 0)
            ratio = falls ** (1.0 / steps)
        else:
            ratio = 1.0 - each[:, -1]
        # However slowly it falls, all candidates together are right at most always.
        for _ in range(self.top - each.shape[1]):
            left = np.maximum(0.0, 1.0 - each.sum(axis=1))
            each = np.column_stack([each, np.minimum(each[:, -1] * ratio, left)])
        return each

    def __str__(self) -> str:
        return f"{PREFIX}:" + ",".join(
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if field.name == "heads" or getattr(self, field.name) != field.default
        )


def _parse_heads(text: str) -> tuple[tuple[float, ...], ...]:
    """Read ``0.6:0.7/0.3:0.4``."""
    if (
        not any(character.isdigit() for character in text.partition("/")[0].partition(":")[0])
        or text[0].isalpha()
    ):
        raise UnknownNameError("published heads", text, [*WITHIN, "0.6:0.7/0.3:0.4"])
    try:
        rows = tuple(tuple(float(plain_number(share)) for share in row.split(":")) for row in text.split("/"))
    except ValueError:
        raise AhasdError(
            f"synthetic tree: heads are '{text}'; must be shares such as 0.6:0.7/0.3:0.4, or one of "
            f"{', '.join(WITHIN)}"
        ) from None
    if len({len(row) for row in rows}) > 1 or len(rows) > MOST_HEADS:
        raise AhasdError(
            f"synthetic tree: heads are '{text}'; at most {MOST_HEADS}, each with as many shares as the first"
        )
    for row in rows:
        each = np.diff(np.array(row), prepend=0.0)
        if not (row[0] >= 0 and row[-1] <= 1 and (each >= 0).all() and (np.diff(each) <= 1e-9).all()):
            raise AhasdError(
                f"synthetic tree: a head's shares are {':'.join(map(str, row))}; the truth is among the first k with "
                "a share of 0 to 1 that rises with k, ever less"
            )
    return rows


@lru_cache(maxsize=KEPT)
def parse_synthetic(text: str) -> TreeTrace:
    """Make the trace that ``synthetic-tree:heads=medusa-7b,top=5,…`` describes; what is left out has its default.

    Raises
    ------
    UnknownNameError
        For a key or published heads that do not exist; the message lists those that do.
    AhasdError
        For a value that is not a number, a repeated key, or numbers that no trace has.
    """
    _, _, settings = text.partition(":")
    return synthesize(SyntheticTree(**parse_settings(settings, SyntheticTree, "a synthetic tree")))


def synthesize(what: SyntheticTree) -> TreeTrace:
    """Make a trace whose heads are right independently of each other and of the place.

    The text's tokens are drawn alike. Which candidate of a head is the truth, if any, is drawn by the accuracies; the
    others are wrong tokens out of those that are plausible at that place.

    A head that knows something of its chances is *sure* at a share P of the places, P being how often the truth is
    among its candidates: there it is so with probability P + s·(1 − P), s the sharpness, and elsewhere with P − s·P,
    which is P in the mean. It says what holds for the place.
    """
    draws = np.random.Generator(bit_generator(what.seed, "latent"))
    each = what.probability
    heads, top = each.shape
    starts = np.linspace(0, what.positions, what.prompts + 1).astype(np.int32)
    taken, wrong_from = _text(draws, starts, heads)
    shape = (what.positions, heads)
    ever = each.sum(axis=1)
    sure = draws.random(shape) < ever
    here = np.where(sure, ever + what.sharpness * (1.0 - ever), ever - what.sharpness * ever)
    scale = np.divide(here, ever, out=np.zeros(shape), where=ever > 0)
    probability = scale[:, :, None] * each
    rank = (draws.random(shape)[:, :, None] >= probability.cumsum(axis=2)).sum(axis=2)
    places = np.argsort(draws.random((*shape, PLAUSIBLE)), axis=2)[:, :, :top]
    candidates = (wrong_from[:, :, None] + places) % VOCABULARY
    right = rank[:, :, None] == np.arange(top)
    candidates = np.where(right, taken[:, :, None], candidates)
    return TreeTrace(
        header=TreeHeader(
            model=SYNTHETIC,
            heads=what.heads if what.heads in WITHIN else SYNTHETIC,
            early_layers=(what.early_layer,) if what.early_layer else (),
            tokenizer_hash="none",
            mode="greedy",
            temperature=0.0,
            seed=what.seed,
            prompts=str(what),
            tool_version=__version__,
        ),
        candidates=candidates.astype(np.int32),
        probability=probability.astype(np.float16),
        taken=taken,
        prompt_start=starts,
        early=_early(what, draws, taken[:, 0], wrong_from[:, 0]) if what.early_layer else None,
    )


def _text(
    draws: np.random.Generator, starts: Sequence[int] | npt.NDArray[np.int32], heads: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return what the text takes behind each point, N×H, and the first of the plausible wrong tokens there."""
    rows, wrong = [], []
    for start, end in pairwise(starts):
        text = draws.integers(VOCABULARY, size=int(end - start) + heads)
        windows = np.lib.stride_tricks.sliding_window_view(text, heads)[1:]
        rows.append(windows)
        # Behind the token itself, so that none of them is right.
        wrong.append(windows + 1)
    return np.concatenate(rows).astype(np.int32), np.concatenate(wrong)


def _early(
    what: SyntheticTree,
    draws: np.random.Generator,
    truth: npt.NDArray[np.int32],
    wrong_from: npt.NDArray[np.int64],
) -> npt.NDArray[np.int32]:
    """Return N×1×k: a random part of the plausible wrong tokens and, by the recall, the truth."""
    kept = round(what.early_kept * PLAUSIBLE)
    kept = min(kept, PLAUSIBLE - 1)
    places = np.argsort(draws.random((what.positions, PLAUSIBLE)), axis=1)[:, : kept + 1]
    guesses = (wrong_from[:, None] + places) % VOCABULARY
    recalled = draws.random(what.positions) < what.early_recall
    guesses[:, 0] = np.where(recalled, truth, guesses[:, 0])
    return guesses.astype(np.int32)[:, None, :]
