"""Small random asynchronous schedules: machines, traces, policies, each from a seed of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ahasd.hardware.cost import StepCost

SEED = 20260425

T = TypeVar("T")


class Draws:
    """Random numbers of one schedule, from the integers of its own PCG64 stream."""

    def __init__(self, *stream: int) -> None:
        self._raw: list[int] = []
        self._generator = np.random.PCG64(np.random.SeedSequence([SEED, *stream]))

    def below(self, limit: int) -> int:
        if not self._raw:
            self._raw = self._generator.random_raw(96).tolist()
        return self._raw.pop() % limit

    def among(self, *values: T) -> T:
        return values[self.below(len(values))]


@dataclass(frozen=True)
class SetSpeeds:
    """Speeds of stream and step beside each other."""

    stream: float
    step: float

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return self.stream, self.step


def _duration(draws: Draws, base: int, per_token: int) -> Callable[[int, int], int]:
    """Picoseconds of a step: so many, so many per token, and what it happens to be at this width and context."""
    chance = [draws.below(1 + base // 2) for _ in range(7)]
    grows = draws.below(2)

    def duration(width: int, context: int) -> int:
        return base + per_token * (width - 1) + grows * context // 8 + chance[(3 * width + context) % 7]

    return duration


def options(draws: Draws) -> dict[str, Any]:
    """Keyword arguments of ``setting_of``."""
    draft = 2 + draws.below(20)
    verify = max(1, draft * draws.among(1, 2, 4, 8, 20) // 4)
    preverify = 1 + draws.below(max(2, verify // 2))
    controlled = draws.below(3) > 0
    room = draws.among(1, 2, 3, 9)
    ideals = ("rank_sharing", "bus_sharing", "control_latency", "gating", "vector_wait", "kv_entries")
    return {
        "draft": _duration(draws, draft, draws.below(4)),
        "target": _duration(draws, verify, draws.below(3)),
        "preverify": _duration(draws, preverify, draws.below(1 + preverify)),
        "transfer": draws.among(0, 1, 1, 3, 15),
        "decision": draws.among(0, 0, 1, 5),
        "gate": draws.among(0, 0, 0, 1, 3),
        "polling": draws.among(0, 0, 3, 10),
        "layers": draws.among(1, 2, 5, 40),
        "channel": SetSpeeds(draws.among(1.0, 0.9, 0.5, 1 / 3, 0.01), draws.among(1.0, 1.0, 0.7)),
        "vector_work": draws.below(draft),
        "preverification": draws.among("recompute", "follow", "race"),
        "placement": draws.among("apart", "apart", "interleaved"),
        "aau": draws.below(4) > 0,
        "edc": controlled and draws.below(3) > 0,
        "tvc": controlled,
        "catch_up": draws.among("merged", "separate"),
        "vector_wait": draws.among("behind", "let_in"),
        "verify": draws.among("oldest", "coalesce"),
        "coalesce_limit": 1 + draws.below(10),
        "minimum_pending": 1 if controlled or room == 1 else draws.among(1, 1, 2),
        "queues": {
            "unverified_drafts": room,
            "feedback": draws.among(1, 2, 9),
            "preverification": 1 + draws.below(2),
        },
        "edc_options": {
            "initial_counter": draws.below(2),
            "counter_bits": 1 + draws.below(2),
            "entropy_maximum": 4.0,
            "history": draws.among(2, 8),
            "newest": draws.among("H0", "H7"),
            "trained_index": draws.among("carried", "recomputed"),
            "llr_after_rollback": draws.among("zero", "decrement"),
            "ageing": draws.among(0, 3),
        },
        "tvc_options": {
            "samples": draws.among(1, 4),
            "latency_model": draws.among("proportional", "affine"),
        },
        **{f"ideal_{name}": draws.below(4) == 0 for name in ideals},
    }


def coin_table(number: int) -> tuple[list[list[int]], list[int], list[list[float]]]:
    """Coins, the first row of each prompt, and entropies."""
    draws = Draws(1, number)
    rows, steps, percent = 1 + draws.below(12), 1 + draws.below(6), draws.among(0, 50, 80, 90, 95, 100)
    cuts = {1 + draws.below(rows - 1) for _ in range(draws.below(3))} if rows > 1 else set()
    coins = [[int(draws.below(100) < percent) for _ in range(steps)] for _ in range(rows)]
    entropy = [[draws.among(0.5, 1.5, 2.5) for _ in range(steps)] for _ in range(rows)]
    return coins, [0, *sorted(cuts), rows], entropy
