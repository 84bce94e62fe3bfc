"""A generation config is honoured as transformers does: greedy texts are those of its generate, token for token."""

import copy
from dataclasses import replace
from types import MappingProxyType

import pytest
import torch
import transformers

from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.errors import AhasdError

#: Each changes the text of one of the models at least, which a test sees to.
SETTINGS = {
    "repetition_penalty": {"repetition_penalty": 1.3},
    "a reward for repetition": {"repetition_penalty": 0.7},
    "no_repeat_ngram_size": {"no_repeat_ngram_size": 2},
    "no token twice": {"no_repeat_ngram_size": 1},
    "bad words": {"bad_words_ids": [[26], [34, 47], [47, 8, 27], [54], [43, 5]]},
    "sequence_bias": {"sequence_bias": [[[26], 0.4], [[34, 47], 2.0], [[47], -3.0], [[43, 5], -1.5]]},
    "min_new_tokens": {"min_new_tokens": 18, "eos_token_id": [34, 26, 38, 37, 24, 44, 43, 55]},
    "min_length": {"min_length": 20, "eos_token_id": [34, 26, 38, 37, 24, 44, 43, 55]},
    "suppress_tokens": {"suppress_tokens": [47, 26, 54, 21]},
    "begin_suppress_tokens": {"begin_suppress_tokens": [34, 26, 38, 37, 24, 44]},
    "several end tokens": {"eos_token_id": [8, 54, 21, 7]},
    "ignored without drawing": {"temperature": 0.1, "top_k": 3, "top_p": 0.2, "min_p": 0.3},
    "all at once": {
        "sequence_bias": [[[38], 0.3], [[21], -0.2]],
        "repetition_penalty": 1.2,
        "no_repeat_ngram_size": 3,
        "bad_words_ids": [[7], [26]],
        "min_new_tokens": 9,
        "suppress_tokens": [2, 5, 54],
        "begin_suppress_tokens": [34, 37],
        "eos_token_id": [8, 58, 21, 7, 24],
    },
}
MODELS = {
    "llama": {},
    "qwen3": {"model_type": "qwen3", "head_dim": 8},
    "gemma2": {"model_type": "gemma2", "head_dim": 8, "sliding_window": 8},
}
PROMPTS = ([1, 4, 7, 10, 13, 16, 19, 22, 25], [28, 14], [5, 5, 5, 9, 5])


@pytest.fixture(
    scope="module",
    params=["llama", *(pytest.param(name, marks=pytest.mark.slow) for name in MODELS if name != "llama")],
)
def random_pair(request, small_models):
    """A target, and a draft with a vocabulary of another size that is right now and then."""
    target = small_models.random_model(**MODELS[request.param])
    near = copy.deepcopy(target.model)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in near.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    near.resize_token_embeddings(64, mean_resizing=False)
    return target, replace(target, name="draft", model=near)


def configured(model, settings):
    """The model with a generation config of its own, its weights shared."""
    changed = copy.copy(model.model)
    changed.generation_config = transformers.GenerationConfig(pad_token_id=0, **settings)
    return replace(model, model=changed)


def own_text(model, prompt, count=24):
    tokens = torch.tensor([prompt])
    out = model.model.generate(tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=count)
    return tuple(out[0, len(prompt) :].tolist())


class Vocabulary:
    """Says that two models share their tokens, which they do."""

    pad_token_id = eos_token_id = None
    added_tokens_decoder = MappingProxyType({})

    def get_vocab(self):
        return {str(token): token for token in range(61)}


def decoders(target, draft):
    yield SpeculativeDecoder(target, method="autoregressive")
    for algorithm in ("fixed:1", "fixed:5", "svip:h=0.5"):
        yield SpeculativeDecoder(target, draft, algorithm=algorithm, tokenizer=Vocabulary())


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_greedy_texts_are_those_of_transformers(random_pair, settings):
    target = configured(random_pair[0], settings)
    accepted = 0
    for decoder in decoders(target, random_pair[1]):
        out = decoder.generate(PROMPTS, max_new_tokens=24)
        assert out.new_tokens == tuple(own_text(target, prompt) for prompt in PROMPTS)
        accepted += out.metrics.accepted
    assert accepted > 0


@pytest.mark.parametrize("settings", [key for key in SETTINGS if "ignored" not in key])
def test_every_setting_of_these_tests_changes_a_text(small_models, settings):
    changed = 0
    for options in MODELS.values():
        model = small_models.random_model(**options)
        for prompt in PROMPTS:
            changed += own_text(configured(model, SETTINGS[settings]), prompt) != own_text(
                configured(model, {}), prompt
            )
    assert changed


def test_what_the_request_says_goes_before_what_the_config_says(random_pair):
    plain, strict = configured(random_pair[0], {}), configured(random_pair[0], {"no_repeat_ngram_size": 1})
    decoder = SpeculativeDecoder(strict, method="autoregressive")
    assert decoder.generate(PROMPTS[0], max_new_tokens=24, no_repeat_ngram_size=0).new_tokens == (
        own_text(plain, PROMPTS[0]),
    )
    loose = SpeculativeDecoder(plain, method="autoregressive")
    assert loose.generate(PROMPTS[0], max_new_tokens=24, no_repeat_ngram_size=1).new_tokens == (
        own_text(strict, PROMPTS[0]),
    )


def test_the_config_is_left_out_on_request(random_pair):
    target = configured(random_pair[0], {"repetition_penalty": 1.5, "num_beams": 4})
    with pytest.raises(
        AhasdError, match=r"says num_beams = 4, which is not done.*--ignore-generation-config"
    ):
        SpeculativeDecoder(target, method="autoregressive")
    decoder = SpeculativeDecoder(target, method="autoregressive", ignore_generation_config=True)
    assert decoder.generate(PROMPTS[0], max_new_tokens=24).new_tokens == (
        own_text(configured(random_pair[0], {}), PROMPTS[0]),
    )


def test_a_config_that_draws_makes_a_request_draw_with_its_filters(random_pair):
    target = configured(random_pair[0], {"do_sample": True, "temperature": 1.7, "top_k": 4, "min_p": 0.1})
    decoder = SpeculativeDecoder(target, method="autoregressive")
    assert (
        decoder.generate(PROMPTS[0], seed=1).new_tokens
        == decoder.generate(
            PROMPTS[0], seed=1, do_sample=True, temperature=1.7, top_k=4, min_p=0.1, top_p=None
        ).new_tokens
    )
    assert len({decoder.generate(PROMPTS[0], seed=seed).new_tokens for seed in range(4)}) > 1
    assert decoder.generate(PROMPTS[0], do_sample=False, max_new_tokens=9).new_tokens == (
        own_text(configured(random_pair[0], {}), PROMPTS[0], 9),
    )


def test_a_filter_that_is_not_done_is_refused_when_tokens_are_drawn(random_pair):
    decoder = SpeculativeDecoder(configured(random_pair[0], {"typical_p": 0.5}), method="autoregressive")
    decoder.generate(PROMPTS[0], max_new_tokens=3)
    with pytest.raises(AhasdError, match=r"typical_p = 0\.5, which is not done"):
        decoder.generate(PROMPTS[0], max_new_tokens=3, do_sample=True)


def test_the_length_and_stop_strings_of_the_config_hold(target):
    settings = {"max_new_tokens": 7, "eos_token_id": None}
    decoder = SpeculativeDecoder(configured(target, settings), method="autoregressive")
    assert len(decoder.generate([5, 6]).new_tokens[0]) == 7
    assert len(decoder.generate([5, 6], max_new_tokens=9).new_tokens[0]) == 9
    decoder = SpeculativeDecoder(
        configured(target, {"stop_strings": ["\n"], "eos_token_id": None}), method="autoregressive"
    )
    prompt = target.tokenizer("def read(path):")["input_ids"]
    assert target.tokenizer.decode(decoder.generate(prompt).new_tokens[0]).count("\n") == 1


def test_drawn_texts_keep_to_the_adjustments_for_every_method(random_pair):
    banned = {28, 12, 26, 52}
    for sampling in ("independent", "coupled"):
        decoder = SpeculativeDecoder(
            *random_pair, algorithm="fixed:4", sampling=sampling, tokenizer=Vocabulary()
        )
        out = decoder.generate(
            PROMPTS,
            max_new_tokens=40,
            do_sample=True,
            seed=2,
            suppress_tokens=list(banned),
            no_repeat_ngram_size=2,
        )
        for text, prompt in zip(out.new_tokens, PROMPTS, strict=True):
            assert not banned & set(text)
            pairs = list(zip([*prompt, *text], [*prompt, *text][1:], strict=False))
            assert len(set(pairs[len(prompt) - 1 :])) == len(text)
        assert out.metrics.accepted > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repetition_penalty": 0}, "repetition_penalty is 0; must be a number above 0"),
        ({"no_repeat_ngram_size": -1}, "no_repeat_ngram_size is -1"),
        ({"min_new_tokens": 1.5}, r"min_new_tokens is 1\.5"),
        ({"suppress_tokens": ["a"]}, "suppress_tokens holds 'a'"),
        ({"bad_words_ids": [[]]}, "bad_words_ids holds a sequence without tokens"),
        ({"min_p": 2}, "min_p is 2; must be from 0 to 1"),
    ],
)
def test_values_out_of_range_are_refused(random_pair, options, said):
    with pytest.raises(AhasdError, match=said):
        SpeculativeDecoder(random_pair[0], method="autoregressive").generate([1], **options)
