"""Texts that pass the length at which LongRoPE rotates otherwise are those of transformers, token for token."""

import pytest
import torch

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.rotary_switch import RotarySwitch, rotary_switch
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.speculation.drafting.specification import parse_algorithm

SWITCH = 24
LONG = {
    "rope_parameters": {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0] * 4,
        "long_factor": [2.0, 3.0, 5.0, 9.0],
        "original_max_position_embeddings": SWITCH,
        "factor": 8.0,
    }
}
KINDS = {
    "llama": LONG,
    "phi3": {"model_type": "phi3", "original_max_position_embeddings": SWITCH, **LONG},
}


def own_text(model, prompt, count):
    tokens = torch.tensor([prompt])
    out = model.model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        max_new_tokens=count,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    return out[0, len(prompt) :].tolist()


@pytest.fixture(scope="module", params=KINDS)
def pair(request, small_models):
    options = KINDS[request.param]
    return small_models.random_model(**options), small_models.random_model(seed=1, **options)


def test_the_switch_is_read_from_the_configuration(pair):
    config = pair[0].model.config
    assert rotary_switch(config) == RotarySwitch(SWITCH, config.model_type == "phi3")


def test_a_model_without_longrope_has_none(small_models):
    assert rotary_switch(small_models.random_model().model.config) is None


@pytest.mark.parametrize("length", [5, SWITCH - 1, SWITCH, SWITCH + 1, SWITCH + 9])
def test_every_method_writes_what_transformers_writes_across_the_switch(pair, length):
    target, draft = pair
    prompt = [(13 * index + index * index) % 61 for index in range(length)]
    request = GenerationRequest(max_new_tokens=36, eos_token_id=())
    expected = own_text(target, prompt, 36)
    assert list(AutoregressiveDecoder(build_runner(target)).tokens(prompt, request)) == expected
    for other in (draft, target):  # one whose tokens are rejected, one whose tokens are accepted
        decoder = AlternatingDecoder(build_runner(target), build_runner(other), parse_algorithm("fixed:7"))
        assert list(decoder.tokens(prompt, request)) == expected


def test_a_roll_back_over_the_switch_takes_the_rotations_back(pair):
    model = pair[0]
    prompt = [(7 * index + 3) % 61 for index in range(SWITCH - 4)]
    runner, plain = build_runner(model), build_runner(model)
    plain.forward(prompt)
    runner.forward(prompt)
    runner.forward([1, 2, 3, 4, 5, 6, 7])
    runner.roll_back(len(prompt))
    torch.testing.assert_close(runner.forward([9]), plain.forward([9]))
