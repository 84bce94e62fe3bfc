"""EDC in hardware decides as the simulator's class in fixed point."""

import pytest

from ahasd.rtl.parameters import HardwareParameters
from ahasd.speculation.control.edc.edc import EntropyDraftControlOptions
from ahasd.traces.shipped import load_shipped

from .edc_stimulus import Batch, Reference, random_operations
from .edc_testbench import play


def agree(options, reference):
    expected = [(op.index, op.keep_drafting) for op in reference.operations if isinstance(op, Batch)]
    assert play(HardwareParameters(edc=options), reference.operations) == expected
    return expected


def options(**values):
    return EntropyDraftControlOptions(arithmetic="fixed", **values)


def test_random_batches_verdicts_and_flushes():
    expected = agree(options(), random_operations(options(), 700, seed=1))
    # The stimulus reaches what can go wrong: both decisions, many patterns, a saturated LLR.
    assert len({index for index, _ in expected}) > 100
    assert {keep for _, keep in expected} == {True, False}
    assert {index & 7 for index, _ in expected} == set(range(1, 8))


@pytest.mark.parametrize(
    "values",
    [
        {"newest": "H7"},
        {"history": 4, "bucket_bits": 2, "llr_bits": 2},
        {"history": 16, "counter_bits": 3, "initial_counter": 4, "initial_bucket": 5},
        {"entropy_maximum": 10.0, "entropy_base": "2"},
        {"entropy_maximum": 2.5, "fixed_point": {"integer_bits": 3, "fraction_bits": 5}},
    ],
)
def test_other_sizes(values):
    agree(options(**values), random_operations(options(**values), 120, seed=2))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 6))
def test_long_random_stimulus(seed):
    agree(options(), random_operations(options(), 10_000, seed))


def test_entropies_of_a_trace():
    trace = load_shipped("tiny-distilled-sampled")
    reference = Reference(options())
    for row in range(0, 160, 2):
        reference.batch([float(nats) for nats in trace.entropy[row, :4]])
        while len(reference.open) > 2:
            # As a verifier two batches behind would find it.
            reference.verdict(bool(trace.accepted[row, :4].all()))
    agree(options(), reference)


def test_means_on_and_beside_the_bounds_of_the_buckets():
    reference = Reference(options())
    for length in (1, 3, 4):
        for bound in range(0, 9):
            # A bucket is 6 nats / 8 = 192 words wide; one word more or less in the whole batch crosses the bound.
            for beside in (0, -1, 1):
                words = [bound * 192] * (length - 1) + [max(bound * 192 + beside, 0)]
                reference.batch([word / 256 for word in words])
                reference.verdict(True)
    agree(options(), reference)
