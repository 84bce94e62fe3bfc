"""What is done to EDC, and what the simulator's class says to it."""

from collections import deque
from dataclasses import dataclass
from random import Random

from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl, EntropyDraftControlOptions


@dataclass(frozen=True)
class Batch:
    """Words of the tokens' entropies; the expected index and decision."""

    words: tuple[int, ...]
    index: int
    keep_drafting: bool


@dataclass(frozen=True)
class Tokens:
    """Words of tokens of a batch that has not ended: it ends later, or is cut off by a rejection or a flush."""

    words: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """On the oldest unverified batch."""

    accepted: bool


@dataclass(frozen=True)
class Flush:
    """The text has left the chain."""


Operation = Batch | Tokens | Verdict | Flush


class Reference:
    """Drives the simulator's class and writes down what it answered."""

    def __init__(self, options: EntropyDraftControlOptions) -> None:
        self.edc = EntropyDraftControl(options)
        self.open: deque[tuple[EdcPrediction, float]] = deque()
        self.begun: list[float] = []
        self.operations: list[Operation] = []

    def tokens(self, entropies: list[float]) -> None:
        self.begun += entropies
        self.operations.append(Tokens(tuple(map(self.edc.options.fixed_point.units, entropies))))

    def batch(self, entropies: list[float]) -> None:
        words = self.edc.options.fixed_point
        whole, self.begun = self.begun + entropies, []
        mean = sum(self.edc.entropy(nats) for nats in whole) / len(whole)
        prediction = self.edc.batch_drafted(mean)
        self.open.append((prediction, mean))
        self.operations.append(
            Batch(tuple(map(words.units, entropies)), prediction.index, prediction.keep_drafting)
        )

    def verdict(self, accepted: bool) -> None:
        prediction, mean = self.open.popleft()
        self.edc.batch_verified(prediction, mean, accepted)
        if not accepted:
            self.open.clear()
            self.begun.clear()
        self.operations.append(Verdict(accepted))

    def flush(self) -> None:
        self.edc.flush()
        self.open.clear()
        self.begun.clear()
        self.operations.append(Flush())


def random_operations(options: EntropyDraftControlOptions, count: int, seed: int) -> Reference:
    """Batches of 1–64 tokens, verdicts that favour what was predicted often, flushes, both also within a batch."""
    random, reference = Random(seed), Reference(options)
    level, most = 2.0, options.entropy_maximum_nats * 1.2
    while len(reference.operations) < count:
        draw = random.random()
        if draw < 0.48 and random.random() < 0.3 and len(reference.begun) < 8:
            reference.tokens([random.uniform(0.0, most) for _ in range(random.randrange(1, 4))])
        if reference.open and (draw < 0.45 or len(reference.open) > 60):
            reference.verdict(random.random() < (0.8 if level < most / 2 else 0.3))
        elif draw < 0.48:
            reference.flush()
        else:
            level = min(max(level + random.gauss(0, most / 8), 0.0), most)
            length = random.choice((1, 2, 3, 4, 5, 7, 8, 16, 64 - len(reference.begun)))
            reference.batch([max(0.0, random.gauss(level, 0.3)) for _ in range(length)])
    return reference
