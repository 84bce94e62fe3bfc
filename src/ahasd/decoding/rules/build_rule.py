"""The rule that a request asks for."""

from typing import Literal

import numpy as np

from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.rules.context import RuleContext
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
    request
        With the length of its prompt and its end tokens filled in, if it adjusts logits (`Decoder.tokens` does that).
    vocabulary
        Of the target, on both sides.
    side
        Who uses it; in independent sampling the two draw different numbers.
    """
    context = RuleContext(
        vocabulary, request.adjustments, request.prompt_length, frozenset(request.eos_token_id or ())
    )
    if not request.do_sample:
        return GreedyRule(context)
    warping = Warping.of(request)
    if request.sampling == "coupled":
        return CoupledRule(context, warping, request.seed, request.prompt_index)
    seed = np.random.SeedSequence([_STREAM[side], request.seed, request.prompt_index])
    return SamplingRule(context, warping, np.random.Generator(np.random.PCG64(seed)))
