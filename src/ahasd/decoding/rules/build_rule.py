"""The rule that a request asks for."""

from typing import Literal

import numpy as np

from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.greedy_rule import CoupledRule, GreedyRule
from ahasd.decoding.rules.rule import DecodingRule
from ahasd.decoding.rules.sampling_rule import SamplingRule
from ahasd.decoding.rules.warping import Warping

Side = Literal["draft", "target"]

#: Streams of random numbers, so that the two sides draw independently (ours).
_STREAM: dict[Side, int] = {"draft": 103, "target": 104}


def build_rule(request: GenerationRequest, vocabulary: int, side: Side) -> DecodingRule:
    """Make the rule of one side of a request.

    Parameters
    ----------
    vocabulary
        Of the target, on both sides.
    side
        Who uses it; in independent sampling the two draw different numbers.
    """
    if not request.do_sample:
        return GreedyRule()
    warping = Warping.of(request)
    if request.sampling == "coupled":
        return CoupledRule(warping, request.seed, request.prompt_index, vocabulary)
    seed = np.random.SeedSequence([_STREAM[side], request.seed, request.prompt_index])
    return SamplingRule(warping, vocabulary, np.random.Generator(np.random.PCG64(seed)))
