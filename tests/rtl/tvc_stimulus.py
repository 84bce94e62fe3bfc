"""What TVC is told and asked, and what the simulator's class answers."""

from dataclasses import dataclass
from random import Random

from ahasd.rtl.controllers.latency_memory import Kind
from ahasd.speculation.control.tvc.tvc import (
    OfflineProfile,
    TimeAwareVerificationControl,
    TimeAwareVerificationOptions,
)


@dataclass(frozen=True)
class Sample:
    kind: Kind
    cycles: int
    length: int


@dataclass(frozen=True)
class Question:
    kv_length: int
    elapsed: int
    unverified: int
    tokens: int


class Reference:
    """Drives the simulator's class and writes down what it answered."""

    def __init__(self, options: TimeAwareVerificationOptions, profile: OfflineProfile, ratio: float) -> None:
        self.tvc = TimeAwareVerificationControl(options, profile, 1e9, ratio * 1e9)
        self.operations: list[Sample | Question] = [
            Sample(Kind.NPU_VERIFICATION, int(profile.npu_verification_cycles), profile.kv_length),
            Sample(Kind.PIM_DRAFT, int(profile.pim_draft_cycles), 1),
            Sample(Kind.PIM_PREVERIFICATION, int(profile.pim_preverification_cycles), 1),
        ]

    def sample(self, kind: Kind, cycles: int, length: int) -> None:
        tvc = self.tvc
        {
            Kind.NPU_VERIFICATION: tvc.npu_verified,
            Kind.PIM_DRAFT: tvc.drafted,
            Kind.PIM_PREVERIFICATION: tvc.preverified,
        }[kind](cycles, length)
        self.operations.append(Sample(kind, cycles, length))

    def ask(self, kv_length: int, elapsed: int, unverified: int) -> None:
        tokens = self.tvc.tokens_to_preverify(kv_length, elapsed, unverified)
        self.operations.append(Question(kv_length, elapsed, unverified, tokens))


def random_operations(options: TimeAwareVerificationOptions, count: int, seed: int) -> Reference:
    """Magnitudes of a 7B and 13B pair, with outliers that saturate; questions around the edge between 0 and many."""
    random = Random(seed)
    profile = OfflineProfile(
        npu_verification_cycles=254_000_000,
        kv_length=128,
        pim_draft_cycles=52_800_000,
        pim_preverification_cycles=21_000_000,
    )
    reference = Reference(options, profile, ratio=random.choice((0.8, 1.0, 0.3337, 1.9)))
    context = 128
    while len(reference.operations) < count:
        context = (
            random.choice((1, 65535)) if random.random() < 0.03 else min(context + random.randrange(9), 60000)
        )
        draw, length = random.random(), random.randrange(1, 33)
        wild = random.choice((4, 7, 2**32 - 1)) if random.random() < 0.1 else 0
        if draw < 0.2:
            cycles = wild or random.randrange(200_000_000, 300_000_000)
            reference.sample(Kind.NPU_VERIFICATION, cycles, context)
        elif draw < 0.35:
            reference.sample(Kind.PIM_DRAFT, wild or 52_000_000 * length + random.randrange(999), length)
        elif draw < 0.5:
            reference.sample(
                Kind.PIM_PREVERIFICATION, wild or 9_000_000 * length + random.randrange(10**6), length
            )
        else:
            elapsed = wild or random.randrange(0, 300_000_000)
            reference.ask(context, elapsed, random.choice((0, 1, 4, 16, 64, 255)))
    return reference
