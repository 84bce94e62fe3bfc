"""What the widths of the controllers' words change, against floats."""

from collections.abc import Sequence
from random import Random

from ahasd.rtl.aau.exact_functions import Floats
from ahasd.speculation.control.edc.edc import EntropyDraftControl, EntropyDraftControlOptions
from ahasd.speculation.control.fixed_point import CycleFormat, EntropyFormat
from ahasd.speculation.control.tvc.tvc import (
    OfflineProfile,
    TimeAwareVerificationControl,
    TimeAwareVerificationOptions,
)


def changed_buckets(entropies: Floats, fraction_bits: int, batch: int = 4) -> float:
    """Share of batches of a trace whose bucket differs between floats and words of so many fraction bits.

    Parameters
    ----------
    entropies
        N x K, nats; the first `batch` of each row make a batch.
    """
    plain = EntropyDraftControl(EntropyDraftControlOptions())
    words = EntropyFormat(fraction_bits=fraction_bits)
    fixed = EntropyDraftControl(EntropyDraftControlOptions(arithmetic="fixed", fixed_point=words))
    rows = entropies[:, :batch].tolist()
    differing = sum(
        plain.bucket(sum(row) / batch) != fixed.bucket(sum(map(fixed.entropy, row)) / batch) for row in rows
    )
    return differing / len(rows)


def changed_answers(fraction_bits: int, questions: int = 4000, seed: int = 0) -> tuple[float, int]:
    """Share of TVC's answers that differ between floats and words, and the largest difference in tokens.

    Durations are drawn around those of a 13B verification and of a PIM that pre-verifies in 3 to 30 ms a token; the
    context grows by an accepted batch each time, and starts anew at 128 tokens when it reaches 4096.
    """
    random = Random(seed)
    profile = OfflineProfile(
        npu_verification_cycles=254e6, kv_length=128, pim_draft_cycles=10e6, pim_preverification_cycles=4e6
    )
    words = CycleFormat(fraction_bits=fraction_bits)
    plain, fixed = (
        TimeAwareVerificationControl(options, profile, 1e9, 0.8e9)
        for options in (
            TimeAwareVerificationOptions(),
            TimeAwareVerificationOptions(arithmetic="fixed", fixed_point=words),
        )
    )
    context, differing, most = 128, 0, 0
    for _ in range(questions):
        context = 128 if context > 4096 else context + random.randrange(1, 9)
        verification, tokens = random.uniform(250e6, 270e6), random.randrange(1, 9)
        draft, preverification = random.uniform(8e6, 12e6), random.uniform(2.4e6, 24e6)
        for control in (plain, fixed):
            control.npu_verified(verification, context)
            control.drafted(draft * tokens, tokens)
            control.preverified(preverification * tokens, tokens)
        elapsed = random.uniform(0, verification)
        one, other = (control.tokens_to_preverify(context, elapsed, 64) for control in (plain, fixed))
        differing += one != other
        most = max(most, abs(one - other))
    return differing / questions, most


def fraction_rows(entropies: Floats, bits: Sequence[int]) -> list[tuple[int, float, float, int]]:
    """Fraction bits; changed buckets; changed answers; largest difference of an answer."""
    return [(each, changed_buckets(entropies, each), *changed_answers(each)) for each in bits]
