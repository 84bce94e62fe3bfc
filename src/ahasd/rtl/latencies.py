"""Cycles that the sequencers take, for the simulator's defaults; the tests hold them against the hardware."""

from math import ceil

from ahasd.rtl.aau.factor import QUOTIENT_BITS
from ahasd.rtl.aau.functions import VALUE_BITS
from ahasd.rtl.aau.lane import LATENCY
from ahasd.rtl.parameters import HardwareParameters

#: Beyond the beats of a pass, until its maximum or its sums are complete.
AAU_PEAK_CYCLES, AAU_SUM_CYCLES = 1, 2

#: Of a decoder layer as ``workload.passes`` has it: norms before attention and feed-forward; softmax; rotary
#: embedding, activation, two residual additions.
LAYER_VECTOR_OPERATORS = {"norm": 2, "softmax": 1, "element-wise": 4}


def edc_decision_cycles(parameters: HardwareParameters) -> int:
    """From the end of a batch to the decision: range, a step per bit of the bucket, push, index, read, decide."""
    return parameters.edc.bucket_bits + 5


def tvc_decision_cycles(parameters: HardwareParameters) -> int:
    """From the question to n: two products, two differences, the bits of n, and the loading of each."""
    words = parameters.tvc.fixed_point
    return 2 * words.length_bits + words.token_bits + 7


def tvc_update_cycles(parameters: HardwareParameters) -> int:
    """From a sample until the next question: product (of a verification), ratio, sum, mean."""
    words, samples = parameters.tvc.fixed_point, parameters.tvc.samples
    mean_bits = words.ratio_bits + samples.bit_length()
    return words.length_bits + words.ratio_bits + samples + mean_bits + 6


def rank_switch_cycles(parameters: HardwareParameters) -> int:
    """From the wish for the other ranks, their units being idle, until they can be used: drain, gate, settle."""
    return 2 + parameters.settle_cycles


def aau_elementwise_cycles() -> int:
    """Beyond its beats: the lanes' stages."""
    return LATENCY - 1


def aau_softmax_cycles(parameters: HardwareParameters) -> int:
    """Beyond the beats of its three passes, at most: maximum, sum, reciprocal, the lanes' stages."""
    length_bits = parameters.vector_length.bit_length() - 1
    reciprocal = 1 + (length_bits + 2) + (QUOTIENT_BITS + 1)
    return AAU_PEAK_CYCLES + AAU_SUM_CYCLES + reciprocal + aau_elementwise_cycles()


def aau_norm_cycles(parameters: HardwareParameters) -> int:
    """Of a layer norm, beyond the beats of its two passes, at most: sums, two products, mean, root, quotient."""
    length_bits = parameters.vector_length.bit_length() - 1
    product, mean, root = length_bits + 8, length_bits + VALUE_BITS + 1, length_bits + 8
    factor = 1 + 2 * (product + 1) + (mean + 1) + root + root + (QUOTIENT_BITS + 1)
    return AAU_SUM_CYCLES + factor + aau_elementwise_cycles()


def aau_operator_cycles(parameters: HardwareParameters) -> int:
    """Mean over the vector operators of a decoder layer, rounded up: the simulator charges one figure for each."""
    cycles = {
        "norm": aau_norm_cycles(parameters),
        "softmax": aau_softmax_cycles(parameters),
        "element-wise": aau_elementwise_cycles(),
    }
    total = sum(cycles[name] * count for name, count in LAYER_VECTOR_OPERATORS.items())
    return ceil(total / sum(LAYER_VECTOR_OPERATORS.values()))
