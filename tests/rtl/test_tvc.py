"""TVC in hardware answers as the simulator's class in fixed point."""

import pytest

from ahasd.rtl.controllers.latency_memory import Kind
from ahasd.rtl.latencies import tvc_decision_cycles, tvc_update_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.speculation.control.tvc.tvc import OfflineProfile, TimeAwareVerificationOptions

from .tvc_stimulus import Question, Reference, random_operations
from .tvc_testbench import play


def options(**values):
    return TimeAwareVerificationOptions(arithmetic="fixed", **values)


def agree(chosen, count, seed):
    reference, parameters = random_operations(chosen, count, seed), HardwareParameters(tvc=chosen)
    expected = [op.tokens for op in reference.operations if isinstance(op, Question)]
    answers, decision, update = play(parameters, reference.tvc.clock_ratio_units, reference.operations)
    assert answers == expected
    assert decision <= tvc_decision_cycles(parameters)
    assert update <= tvc_update_cycles(parameters)
    return expected, decision, update


def test_random_samples_and_questions():
    expected, decision, update = agree(options(), 200, seed=1)
    # The stimulus reaches what can go wrong: no time left, a few tokens, as many as there are, saturation.
    assert {0, 1, 3, 4, 64, 255} <= set(expected)
    # The stated latencies are those of the hardware, not just bounds.
    assert decision == tvc_decision_cycles(HardwareParameters())
    assert update == tvc_update_cycles(HardwareParameters())


@pytest.mark.parametrize(
    "values",
    [
        {"samples": 1},
        {"samples": 3},
        {"samples": 8},
        {"fixed_point": {"fraction_bits": 0}},
        {"fixed_point": {"cycle_bits": 40, "length_bits": 18, "clock_ratio_bits": 16, "token_bits": 8}},
    ],
)
def test_other_sizes(values):
    agree(options(**values), 40, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 6))
def test_long_random_stimulus(seed):
    agree(options(), 2_500, seed)


def test_cycles_that_no_word_holds_saturate():
    profile = OfflineProfile(
        npu_verification_cycles=1000, kv_length=1, pim_draft_cycles=1, pim_preverification_cycles=100
    )
    reference = Reference(options(samples=1), profile, ratio=1.9)
    for length in (1, 300, 2**16 - 1):
        reference.sample(Kind.NPU_VERIFICATION, 2**32 - 1, length)
        # The converted cycles are cut to 2^32 - 1; the tokens that fit tell how many were kept.
        for preverification in (2**24, 2**25, 2**26):
            reference.sample(Kind.PIM_PREVERIFICATION, preverification, 1)
            reference.ask(length, 2**31 // 1000, 255)
    parameters = HardwareParameters(tvc=options(samples=1))
    answers, _, _ = play(parameters, reference.tvc.clock_ratio_units, reference.operations)
    assert answers == [
        operation.tokens for operation in reference.operations if isinstance(operation, Question)
    ]
    assert {63, 127} <= set(answers)
