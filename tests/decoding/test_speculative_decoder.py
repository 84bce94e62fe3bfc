"""The front door: prompts and options as transformers has them, and what is refused at it."""

import copy
import dataclasses
import gc
import json
import resource

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BatchEncoding, PreTrainedTokenizerFast

from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.errors import AhasdError

TEXTS = ("def read(path):\n", "x", "import os\n\nclass Walker:")


@pytest.fixture(scope="module")
def decoder(target, draft):
    with SpeculativeDecoder(target, draft, algorithm="fixed:4") as decoder:
        yield decoder


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(text)["input_ids"] for text in TEXTS]


def by_transformers(target, prompt, **options):
    tokens = torch.tensor([prompt])
    out = target.model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        do_sample=False,
        pad_token_id=0,
        tokenizer=target.tokenizer,
        **options,
    )
    return tuple(out[0, len(prompt) :].tolist())


@pytest.mark.parametrize("method", ["autoregressive", "speculative"])
def test_a_padded_batch_gives_what_transformers_gives_for_each(target, draft, prompts, method):
    longest = max(map(len, prompts))
    ids = torch.tensor([[7] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    with SpeculativeDecoder(target, draft, method, "fixed:4") as decoder:
        out = decoder.generate(ids, mask, max_new_tokens=20, eos_token_id=())
    assert out.new_tokens == tuple(
        by_transformers(target, prompt, max_new_tokens=20, eos_token_id=None) for prompt in prompts
    )
    assert out.sequences[:, :longest].equal(ids)
    assert out.sequences[:, longest:].tolist() == [list(new) for new in out.new_tokens]
    assert out.metrics.tokens == 60 == sum(part.tokens for part in out.per_prompt)
    assert (out.metrics.method, len(out.per_prompt)) == (method, 3)


def test_padding_without_a_mask_is_left_out_as_by_transformers(small_models):
    model = small_models.random_model()
    model.model.generation_config.pad_token_id = 9
    decoder = SpeculativeDecoder(model, method="autoregressive")
    prompts = [[1, 2, 3, 4], [5, 6], [7, 8, 3]]
    left = torch.tensor([[9] * (4 - len(prompt)) + prompt for prompt in prompts])
    expected = model.model.generate(left, max_new_tokens=12, do_sample=False)[:, 4:].tolist()
    out = decoder.generate(left, max_new_tokens=12)
    assert [list(text) for text in out.new_tokens] == expected
    assert out.sequences[:, :4].equal(left)
    right = [prompt + [9] * (4 - len(prompt)) for prompt in prompts]
    assert decoder.generate(right, max_new_tokens=12).new_tokens == out.new_tokens
    assert tuple(decoder.stream(right[1], max_new_tokens=12)) == out.new_tokens[1]
    other = [[11] * (4 - len(prompt)) + prompt for prompt in prompts]
    assert decoder.generate(other, max_new_tokens=12, pad_token_id=11).new_tokens == out.new_tokens


@pytest.mark.parametrize(("prompt", "word"), [([0, 0, 5, 6], "begins"), ([5, 6, 0, 0], "ends")])
def test_padding_that_may_be_text_wants_a_mask(decoder, prompt, word):
    """The tiny pair pads with the token that ends its texts."""
    with pytest.raises(AhasdError, match=f"prompt 2 {word} with token 0 more than once.*attention_mask"):
        decoder.generate([[5, 6], prompt], max_new_tokens=3)
    mask = [[1, 1], [int(token != 0) for token in prompt]]
    decoder.generate([[5, 6], prompt], mask, max_new_tokens=3)
    decoder.generate([0, 5, 6, 0], max_new_tokens=3)  # alone it begins or ends a text


def test_sequences_are_laid_out_as_by_transformers(decoder, target, prompts):
    """Padding of the prompts stays, new tokens begin in one column, texts that end early are padded behind."""
    end = decoder.generate(prompts[0], max_new_tokens=20, eos_token_id=()).new_tokens[0][4]
    longest = max(map(len, prompts))
    ids = torch.tensor([[9] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    options = {"max_new_tokens": 20, "eos_token_id": end, "pad_token_id": 9}
    expected = target.model.generate(ids, attention_mask=mask, do_sample=False, **options)
    out = decoder.generate(input_ids=ids, attention_mask=mask.bool(), **options)
    assert len(set(map(len, out.new_tokens))) > 1
    assert out.sequences.equal(expected)
    # Lists of different lengths are padded on the left first.
    assert decoder.generate(prompts, **options).sequences.equal(expected)
    only = tuple(decoder.stream(ids[1:2], mask[1:2], max_new_tokens=20, eos_token_id=torch.tensor([end])))
    assert only == out.new_tokens[1]


def test_prompts_may_be_lists_tensors_and_of_any_length(decoder, prompts):
    listed = decoder.generate(prompts, max_new_tokens=9).new_tokens
    alone = [decoder.generate(torch.tensor(prompt), max_new_tokens=9).new_tokens[0] for prompt in prompts]
    assert listed == tuple(alone)
    assert tuple(decoder.stream(prompts[0], max_new_tokens=9)) == listed[0]
    assert decoder.generate(prompts, max_new_tokens=0).new_tokens == ((), (), ())


@pytest.mark.parametrize("stop", [["object", "class"], [":", "nothing like it"], "\n"])
def test_stop_strings_end_the_text_as_in_transformers(decoder, target, prompts, stop):
    ended = 0
    for prompt in prompts:
        found = decoder.generate(prompt, max_new_tokens=40, eos_token_id=(), stop_strings=stop).new_tokens[0]
        options = {"max_new_tokens": 40, "eos_token_id": None}
        assert found == by_transformers(target, prompt, stop_strings=stop, **options)
        ended += len(found) < 40
    assert ended


def test_seeds_are_said_and_give_the_same_text_again(decoder, prompts):
    first = decoder.generate(prompts, max_new_tokens=12, do_sample=True)
    again = decoder.generate(prompts, max_new_tokens=12, do_sample=True, seed=first.seed)
    assert again.new_tokens == first.new_tokens
    assert decoder.generate(prompts, max_new_tokens=12, do_sample=True).seed != first.seed


def test_memory_stays_flat_over_a_hundred_requests(decoder, prompts):
    def request(number):
        decoder.generate(prompts[number % 3], max_new_tokens=6, do_sample=number % 2 == 1)

    def objects():
        gc.collect()
        return sum(type(item) is torch.Tensor for item in gc.get_objects())

    for number in range(6):
        request(number)
    tensors, peak = objects(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(100):
        request(number)
    assert objects() <= tensors + 2  # the last request's states and rows
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 8_000  # kilobytes


def with_tokenizer(model, change):
    state = json.loads(model.tokenizer.backend_tokenizer.to_str())
    change(state["model"]["vocab"])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(state)))
    return dataclasses.replace(model, tokenizer=tokenizer)


def test_tokenizers_that_differ_are_named_with_the_first_difference(target, draft):
    def swap(vocabulary):
        by_id = {number: word for word, number in vocabulary.items()}
        vocabulary[by_id[40]], vocabulary[by_id[41]] = 41, 40

    with pytest.raises(AhasdError, match=r"token 40 is '.' in target .* and '.' in draft .*one tokenizer"):
        SpeculativeDecoder(target, with_tokenizer(draft, swap))


def test_without_tokenizers_the_sizes_must_agree(target, draft):
    larger = copy.deepcopy(draft.model)
    larger.resize_token_embeddings(1088)
    with pytest.raises(AhasdError, match=r"target 'target' has 1024 tokens, draft 'draft' 1088"):
        SpeculativeDecoder(target.model, larger)
    with SpeculativeDecoder(target.model, larger, tokenizer=target.tokenizer) as decoder:
        assert len(decoder.generate([5], max_new_tokens=3).new_tokens[0]) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "asnyc"}, "unknown method 'asnyc'. Did you mean 'async'"),
        ({"algorithm": 4}, "algorithm is 4; give a text such as 'fixed:4'"),
        ({"algorithm": "svpi"}, "Did you mean 'svip'"),
        ({"control": "edc"}, "control='edc' governs an asynchronous drafter; the method is 'speculative'"),
        ({"target_device": "cuda:77"}, "device 'cuda:77' cannot be used"),
        ({"target_device": "abacus"}, "device 'abacus' cannot be used"),
        ({"dtype": "float3"}, "dtype 'float3' is none of torch"),
        (
            {"dtype": "float8_e4m3fn"},
            "dtype 'float8_e4m3fn' is none in which torch computes a model; take float64",
        ),
        ({"method": "ngram", "algorithm": "svip"}, "method 'ngram' copies without any; take fixed:10"),
        ({"draft": None}, "method 'speculative' needs a draft"),
        ({"target": None}, "there is a draft and no target"),
        ({"target": 7}, "the target is a int; give the folder of a model"),
        ({"draft": "absent"}, "model absent: no such folder"),
        ({"algorithm": "adaedl:calibrated"}, "trace"),
        ({"sampling": "couple"}, r"unknown sampling 'couple'\. Did you mean 'coupled'"),
        ({"method": "async", "threads": 0}, "threads is 0"),
    ],
)
def test_a_decoder_that_cannot_be_made_says_why(target, draft, options, said):
    with pytest.raises(AhasdError, match=said):
        SpeculativeDecoder(**{"target": target, "draft": draft} | options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_new_tokens": -1}, "max_new_tokens is -1; must be at least 0"),
        ({"temperature": 0}, "temperature is 0; must be above 0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"seed": -3}, "seed is -3"),
        ({"seed": 1.5}, "seed is 1.5; must be a whole number"),
        ({"max_new_tokens": "5"}, "max_new_tokens is '5'; must be a whole number"),
        ({"max_new_tokens": 2.5}, "max_new_tokens is 2.5; must be a whole number"),
        ({"max_new_tokens": None}, "max_new_tokens is None"),
        ({"temperature": None}, "temperature is None; must be a number"),
        ({"top_k": True}, "top_k is True"),
        ({"eos_token_id": "</s>"}, "eos_token_id holds '</s>'"),
        ({"stop_strings": [3]}, "stop_strings holds 3; must be a text"),
        ({"generation_config": None}, "unknown option of a request 'generation_config'"),
        ({"num_assistant_tokens": 0}, "num_assistant_tokens is 0"),
        ({"stop_strings": ""}, "a stop string is empty"),
        ({"max_new_token": 5}, "Did you mean 'max_new_tokens'"),
        ({"max_new_tokens": 300}, "'tiny-target' has 256"),
        ({"attention_mask": [[1]]}, "attention_mask has another shape"),
        ({"input_ids": []}, "the prompt has no tokens"),
        ({"input_ids": BatchEncoding({"input_ids": [5, 6]})}, r"write generate\(\*\*inputs\)"),
        ({"input_ids": "def"}, "input_ids must be whole numbers"),
        ({"input_ids": torch.rand(4)}, "input_ids must be whole numbers"),
        ({"input_ids": [5, 4096]}, "token 4096; 'tiny-target' knows 0 to 1023"),
    ],
)
def test_a_request_that_cannot_be_decoded_says_why(decoder, options, said):
    with pytest.raises(AhasdError, match=said):
        decoder.generate(**{"input_ids": [5, 6]} | options)


def test_several_prompts_are_no_stream_and_stop_strings_need_a_tokenizer(decoder, prompts, target):
    with pytest.raises(AhasdError, match="stream takes one prompt, not 3"):
        decoder.stream(prompts)
    with (
        SpeculativeDecoder(target.model, method="autoregressive") as bare,
        pytest.raises(AhasdError, match="stop strings need a tokenizer"),
    ):
        bare.generate([5], stop_strings="x")


def test_without_a_target_it_is_the_tiny_pair(prompts, decoder):
    with SpeculativeDecoder(algorithm="adaedl:calibrated") as own:
        assert (own.target.vocabulary_size, own.draft.model.config.num_hidden_layers) == (1024, 1)
        expected = decoder.generate(prompts, max_new_tokens=16).new_tokens
        assert own.generate(prompts, max_new_tokens=16).new_tokens == expected
