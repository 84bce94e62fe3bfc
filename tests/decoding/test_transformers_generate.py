"""Drafting inside ``generate`` of transformers: the text is that of ``generate`` without it, in fewer passes."""

from collections import Counter

import pytest
import torch
import transformers

from ahasd.decoding import PolicyDrafting
from ahasd.errors import AhasdError

ALGORITHMS = ("fixed:4", "svip", "adaedl", "banditspec-ucb", "banditspec-exp3", "specdecpp")
TEXTS = ("def read(path):\n", "x = 1\ny = 2\n" * 5, "import os\n")


def inputs(model, text):
    return model.tokenizer(text, return_tensors="pt")


def new_text(model, given, **options):
    return model.model.generate(**given, pad_token_id=0, **options)


@pytest.mark.parametrize(
    "algorithm",
    [None, ALGORITHMS[0], *(pytest.param(name, marks=pytest.mark.slow) for name in ALGORITHMS[1:])],
)
def test_greedy_texts_are_those_of_plain_generate(target, draft, algorithm):
    drafting = PolicyDrafting(None if algorithm is None else draft, algorithm)
    accepted = 0
    for text in TEXTS:
        given = inputs(target, text)
        plain = new_text(target, given, max_new_tokens=60, do_sample=False)
        drafted = new_text(target, given, max_new_tokens=60, do_sample=False, custom_generate=drafting)
        assert torch.equal(plain, drafted)
        metrics = drafting.metrics
        assert metrics.tokens == plain.shape[1] - given["input_ids"].shape[1]
        assert metrics.verifications < metrics.tokens
        assert metrics.emitted == metrics.accepted + metrics.verifications
        accepted += metrics.accepted
    assert accepted > 40


@pytest.mark.parametrize(
    "options",
    [
        {"repetition_penalty": 1.4},
        {"no_repeat_ngram_size": 3, "min_new_tokens": 20},
        {"suppress_tokens": [10, 11, 12]},
    ],
)
def test_processors_hold_for_both_models(target, draft, options):
    given = inputs(target, TEXTS[1])
    plain = new_text(target, given, max_new_tokens=40, do_sample=False, **options)
    drafting = PolicyDrafting(draft, "adaedl")
    drafted = new_text(target, given, max_new_tokens=40, do_sample=False, custom_generate=drafting, **options)
    assert torch.equal(plain, drafted)


def test_padding_that_a_mask_hides_changes_nothing(target, draft):
    ids = inputs(target, TEXTS[0])["input_ids"]
    padded = torch.cat([torch.zeros(1, 3, dtype=torch.long), ids], dim=1)
    mask = (torch.arange(padded.shape[1]) >= 3).long()[None]
    given = {"input_ids": padded, "attention_mask": mask}
    plain = new_text(target, given, max_new_tokens=30, do_sample=False)
    drafting = PolicyDrafting(draft, "fixed:4")
    drafted = new_text(target, given, max_new_tokens=30, do_sample=False, custom_generate=drafting)
    assert torch.equal(plain, drafted)
    new_text(target, inputs(target, TEXTS[0]), max_new_tokens=30, do_sample=False, custom_generate=drafting)


def test_stopping_criteria_end_the_text_within_a_round(target, draft):
    given = inputs(target, TEXTS[0])

    def stop():
        stop_string = transformers.StopStringCriteria(target.tokenizer, ["\n"])
        return transformers.StoppingCriteriaList([stop_string])

    common = {
        "max_new_tokens": 60,
        "do_sample": False,
        "return_dict_in_generate": True,
        "output_scores": True,
    }
    plain = new_text(target, given, stopping_criteria=stop(), **common)
    for length in range(1, 9):
        drafting = PolicyDrafting(draft, f"fixed:{length}")
        found = new_text(target, given, stopping_criteria=stop(), custom_generate=drafting, **common)
        assert torch.equal(plain.sequences, found.sequences)
        assert len(found.scores) == len(plain.scores)
        assert found.past_key_values.get_seq_length() == plain.past_key_values.get_seq_length()
        assert drafting.metrics.tokens == len(plain.scores)


class Heard(transformers.generation.streamers.BaseStreamer):
    def __init__(self):
        self.pieces, self.ended = [], 0

    def put(self, value):
        self.pieces.append(value.tolist())

    def end(self):
        self.ended += 1


def test_a_streamer_hears_what_it_hears_from_plain_generate(target, draft):
    given = inputs(target, TEXTS[0])
    plain, drafted = Heard(), Heard()
    new_text(target, given, max_new_tokens=12, do_sample=False, streamer=plain)
    drafting = PolicyDrafting(draft, "fixed:4")
    new_text(
        target, given, max_new_tokens=12, do_sample=False, custom_generate=drafting, token_streamer=drafted
    )
    assert drafted.pieces == plain.pieces
    assert drafted.ended == plain.ended == 1


@pytest.mark.parametrize(
    ("algorithm", "options"),
    [
        ("fixed:2", {}),
        ("svip:h=0.5", {"temperature": 0.7}),
        ("adaedl", {"top_k": 4}),
        (None, {"top_p": 0.8}),
    ],
)
def test_drawn_texts_have_the_targets_distribution(small_models, algorithm, options):
    target = small_models.random_model(seed=1, vocabulary=7)
    assistant = small_models.random_model(seed=2, vocabulary=7)
    for parameter in target.model.parameters():
        parameter.data *= 0.7  # flatter, so that every pair comes up
    prompt = torch.tensor([[1, 2, 3, 1, 2]])
    drafting = PolicyDrafting(None if algorithm is None else assistant.model, algorithm)
    sampled = {"do_sample": True, "max_new_tokens": 2, "top_k": 0, "pad_token_id": 0} | options
    torch.manual_seed(11)
    runs = 1000
    pairs, accepted = Counter(), 0
    for _ in range(runs):
        text = target.model.generate(prompt, custom_generate=drafting, **sampled)
        pairs[tuple(text[0, 5:].tolist())] += 1
        accepted += drafting.metrics.accepted
    assert 0.03 * runs < accepted < 0.97 * runs
    expected = exact_pairs(target, prompt, sampled)
    assert set(pairs) <= {pair for pair, p in expected.items() if p > 0}
    # Cells that expect fewer than five are put together.
    cells, rest = [], [0.0, 0]
    for pair, probability in expected.items():
        if probability * runs >= 5:
            cells.append((probability * runs, pairs[pair]))
        else:
            rest[0] += probability * runs
            rest[1] += pairs[pair]
    if rest[0] > 0:
        cells.append(tuple(rest))
    chi = sum((seen - wanted) ** 2 / wanted for wanted, seen in cells)
    freedom = len(cells) - 1
    # Some 4 standard deviations above the mean of chi-squared.
    assert chi < freedom + 4 * (2 * freedom) ** 0.5


@torch.no_grad()
def exact_pairs(target, prompt, options):
    """Probabilities of the first two tokens, by the processors of plain ``generate``."""

    def following(text):
        found = target.model.generate(
            text,
            attention_mask=torch.ones_like(text),  # token 0 is text here
            **(options | {"max_new_tokens": 1}),
            output_scores=True,
            return_dict_in_generate=True,
        )
        return found.scores[0][0].double().softmax(dim=-1).tolist()

    pairs = {}
    for first, p in enumerate(following(prompt)):
        if p > 0:
            behind = following(torch.cat([prompt, torch.tensor([[first]])], dim=1))
            pairs |= {(first, second): p * q for second, q in enumerate(behind)}
    return pairs


def test_draws_repeat_with_the_seed_of_torch(target, draft):
    given = inputs(target, TEXTS[0])
    drafting = PolicyDrafting(draft, "adaedl")
    texts = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        found = new_text(target, given, max_new_tokens=20, do_sample=True, custom_generate=drafting)
        texts.append(found.tolist())
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"num_beams": 2}, "asked for beam search"),
        ({"prompt_lookup_num_tokens": 3}, "asked for assisted generation"),
        ({"do_sample": True, "num_return_sequences": 2}, "2 texts of 4 tokens"),
        ({"guidance_scale": 1.5}, "guidance_scale is 1.5"),
    ],
)
def test_what_cannot_be_drafted_for_is_refused(small_models, options, said):
    model = small_models.random_model().model
    with pytest.raises(AhasdError, match=said):
        model.generate(
            torch.tensor([[1, 2, 3, 4]]),
            **({"do_sample": False} | options),
            custom_generate=PolicyDrafting(),
            max_new_tokens=3,
            pad_token_id=0,
        )
    assert "_get_candidate_generator" not in vars(model)


def test_drafts_and_algorithms_that_do_not_fit_are_refused(small_models):
    target, other = small_models.random_model(), small_models.random_model(vocabulary=40)
    with pytest.raises(AhasdError, match="reads an acceptance head"):
        PolicyDrafting(other.model, "specdecpp")
    with pytest.raises(AhasdError, match="method 'generate' takes turns"):
        PolicyDrafting(other.model, "amusd")
    with pytest.raises(AhasdError, match="copies without"):
        PolicyDrafting(None, "adaedl")
    with pytest.raises(AhasdError, match="vocabularies differ: target 'target' has 61"):
        target.model.generate(
            torch.tensor([[1, 2]]), max_new_tokens=2, custom_generate=PolicyDrafting(other.model)
        )


def test_models_with_sliding_windows_write_their_own_text(small_models):
    shape = {"model_type": "mistral", "sliding_window": 8}
    target = small_models.random_model(seed=1, **shape)
    drafting = PolicyDrafting(small_models.random_model(seed=1, **shape).model, "fixed:3")
    prompt = torch.tensor([[4, 5, 6, 7]])
    common = {"max_new_tokens": 30, "do_sample": False, "pad_token_id": 0}
    plain = target.model.generate(prompt, **common)
    assert torch.equal(plain, target.model.generate(prompt, custom_generate=drafting, **common))
    assert drafting.metrics.accepted > 15
