"""The simulator, fed with a run's own trace, foretells the run round for round."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative import alternating
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.hardware.step_table import MeasuredSteps
from ahasd.speculation.drafting.specification import build_policy, parse_algorithm
from ahasd.speculation.machine import Lengths, Machine
from ahasd.speculation.options.schedules import SerialOptions
from ahasd.speculation.serial import Serial
from ahasd.traces.rollout.walk import TraceWalk

from ..policies import Listening

TEXTS = ("def read(path):\n", "import os\n\nclass Walker:\n    def __init__(self", "x")
TOKENS, MORE = 60, 24
"""What is compared, and what the real run goes on for: its last rounds are cut short, those of the simulator not."""


@pytest.fixture(scope="module")
def trace(target, draft):
    prompts = [Prompt(str(number), "", (text,)) for number, text in enumerate(TEXTS)]
    return record(target, draft, prompts, mode="greedy", tokens_per_prompt=TOKENS + MORE)


def behind_the_first(trace):
    """The trace of one text without its first token, which a real run takes from the pass over the prompt."""
    parts = {name: tensor[1:] for name, tensor in trace.tensors().items() if name != "prompt_start"}
    return replace(trace, prompt_start=trace.prompt_start - np.array([0, 1], dtype=np.int32), **parts)


def rounds(policy):
    """How many tokens were drafted and accepted in each round."""
    return [(drafted, accepted) for _, drafted, accepted, _ in policy.told]


def simulated(trace, spec):
    machine = Machine(
        Lengths(1, trace.positions, look_ahead=trace.positions),
        MeasuredSteps("target", 0.002),
        MeasuredSteps("draft", 0.0005),
    )
    policy = Listening(build_policy(spec))
    ledger = Serial(machine, SerialOptions()).run(TraceWalk(trace, seed=0), policy, TOKENS).ledger
    return rounds(policy), ledger


# Policies that learn from time (banditspec) see other times here and there. Drafts of 20 run past the trace's rows.
@pytest.mark.parametrize(
    "algorithm",
    ["fixed:1", "fixed:4", "fixed:20", "svip:h=0.7", "adaedl:gamma=0.02", "specdecpp:lag=0,h=0.5"],
)
def test_greedy_rounds_are_those_of_the_simulator(target, draft, trace, algorithm, monkeypatch):
    spec = parse_algorithm(algorithm)
    decoder = AlternatingDecoder(build_runner(target), build_runner(draft), spec, draft.acceptance_head)
    lengths = set()
    for index, text in enumerate(TEXTS):
        policy = Listening(build_policy(spec))
        monkeypatch.setattr(alternating, "build_policy", lambda spec, policy=policy: policy)
        prompt = target.tokenizer(text)["input_ids"]
        list(decoder.tokens(prompt, GenerationRequest(max_new_tokens=TOKENS + MORE, eos_token_id=())))
        expected, ledger = simulated(behind_the_first(trace.select_prompts([index])), spec)
        found = rounds(policy)[: len(expected)]
        assert found == expected
        assert Counter(accepted for _, accepted in found) == ledger.accepted_histogram
        assert sum(accepted + 1 for _, accepted in found) == ledger.emitted >= TOKENS
        lengths |= set(expected)
    assert len(lengths) > 1
