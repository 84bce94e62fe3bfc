"""Cycles that the sequencers take, for the simulator's defaults; the tests hold them against the hardware."""

from ahasd.rtl.parameters import HardwareParameters


def edc_decision_cycles(parameters: HardwareParameters) -> int:
    """From the end of a batch to the decision: range, a step per bit of the bucket, push, index, read, decide."""
    return parameters.edc.bucket_bits + 5


def edc_training_cycles() -> int:
    """From a verdict until the next one may come: read, write."""
    return 2


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
