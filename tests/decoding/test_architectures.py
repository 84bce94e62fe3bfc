"""Every common decoder of transformers 5 writes by every method what its own generate writes."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.speculation.drafting.specification import parse_algorithm

from .architectures import ARCHITECTURES, architecture_table

PROMPTS = ([(3 * index + 1) % 61 for index in range(9)], [28, 14, 3])
NEW = 20
NAMES = [f"{kind}, {special}" for kind, special, _ in ARCHITECTURES]
#: A path of each kind through the processes, in every run: windows, mixtures, latent attention, shared keys.
ASYNCHRONOUS = ("gemma2", "deepseek_v3")


def near(model):
    """A draft that is right now and then."""
    other = copy.deepcopy(model.model)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.03 * torch.randn_like(parameter))
    return replace(model, name="draft", model=other)


def own_texts(model):
    texts = []
    for prompt in PROMPTS:
        tokens = torch.tensor([prompt])
        out = model.model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=NEW,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        texts.append(out[0, len(prompt) :].tolist())
    return texts


REQUEST = GenerationRequest(max_new_tokens=NEW, eos_token_id=())


def texts_of(decoder):
    return [list(decoder.tokens(prompt, REQUEST)) for prompt in PROMPTS]


@pytest.mark.parametrize(
    ("kind", "options"), [(kind, options) for kind, _, options in ARCHITECTURES], ids=NAMES
)
def test_greedy_texts_are_those_of_transformers(small_models, kind, options):
    target = small_models.random_model(kind, model_type=kind, **options)
    expected, draft = own_texts(target), near(target)
    assert texts_of(AutoregressiveDecoder(build_runner(target))) == expected
    for algorithm in ("fixed:5", "svip:h=0.5"):
        decoder = AlternatingDecoder(build_runner(target), build_runner(draft), parse_algorithm(algorithm))
        assert texts_of(decoder) == expected
        assert decoder.metrics.drafted > 0


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param(kind, options, marks=() if kind in ASYNCHRONOUS else pytest.mark.slow)
        for kind, _, options in ARCHITECTURES
    ],
    ids=NAMES,
)
def test_so_they_are_when_both_models_run_at_once(small_models, kind, options):
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    target = small_models.random_model(kind, model_type=kind, **options)
    decoder = AsynchronousDecoder(target, near(target), parse_algorithm("fixed:3"))
    try:
        assert texts_of(decoder) == own_texts(target)
    finally:
        decoder.close()


def test_the_document_has_the_table_of_these_models(small_models):
    forwards = [
        isinstance(build_runner(small_models.random_model(model_type=kind, **options)), LeanRunner)
        for kind, _, options in ARCHITECTURES
    ]
    document = Path(__file__).parents[2] / "docs" / "decoding.md"
    assert architecture_table(forwards) in document.read_text(), architecture_table(forwards)
