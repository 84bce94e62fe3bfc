"""The draft of one layer: its cache, and its rollouts, against the plain computation of every place."""

import numpy as np
import pytest
import torch

from ahasd.decoding.heads.one_layer_cache import OneLayerCache
from ahasd.decoding.heads.one_layer_file import load_one_layer
from ahasd.decoding.heads.one_layer_rollout import OneLayerRows, read_text
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.trees.guessing.one_layer_guesser import OneLayerGuesser

from .made_heads import ACCURACY, make_one_layer

TEXT = [4, 9, 60, 3, 3, 17, 29, 41, 8, 52, 6]


@pytest.fixture(scope="module")
def target(small_models):
    return small_models.random_model()


@pytest.fixture(scope="module")
def draft(target, tmp_path_factory):
    return load_one_layer(make_one_layer(tmp_path_factory.mktemp("heads"), target), target, "one")


@torch.no_grad()
def states_of(target, tokens):
    return target.model.model(torch.tensor([tokens]), use_cache=False).last_hidden_state[0]


@torch.no_grad()
def reference(draft, tokens, features):
    """States behind all tokens, each with a feature, by explicit loops over heads and places."""
    width, heads, size = draft.width, draft.heads, draft.head_width
    norm = lambda x, weight: x / (x.square().mean(-1, keepdim=True) + draft.epsilon).sqrt() * weight  # noqa: E731
    count = len(tokens)
    x = torch.cat([norm(draft.embedding[tokens], 1.0), features], 1) @ draft.fused_in.T
    inputs = norm(x, draft.attention_norm) @ draft.attention_in.T
    kv = draft.key_value_heads * size
    query, key, value = inputs.split([width, kv, kv], 1)
    out = torch.zeros(count, width)
    for place in range(count):
        for head in range(heads):
            group = head // (heads // draft.key_value_heads)

            def turned(vector, where):
                first, second = vector.chunk(2)
                angles = where * draft.frequencies
                return torch.cat(
                    [
                        first * angles.cos() - second * angles.sin(),
                        second * angles.cos() + first * angles.sin(),
                    ]
                )

            own = turned(query[place, head * size : (head + 1) * size], place)
            scores = torch.stack(
                [own @ turned(key[at, group * size : (group + 1) * size], at) for at in range(place + 1)]
            )
            weights = (scores / size**0.5).softmax(0)
            out[place, head * size : (head + 1) * size] = (
                weights @ value[: place + 1, group * size : (group + 1) * size]
            )
    x = x + out @ draft.attention_out
    gate, up = (norm(x, draft.mlp_norm) @ draft.mlp_in.T).chunk(2, 1)
    x = x + (torch.nn.functional.silu(gate) * up) @ draft.mlp_out
    return norm(x, draft.norm)


def own_path(draft, target, prefix, steps):
    """Logits of each step of the draft's likeliest path behind a text, by whole recomputation."""
    tokens = list(prefix)
    features = torch.cat([torch.zeros(1, draft.width), states_of(target, prefix)[:-1]])
    found = []
    for _ in range(steps):
        state = reference(draft, tokens, features)[-1]
        logits = state @ draft.head.T
        found.append(logits)
        tokens.append(int(draft.named[logits.argmax()]))
        features = torch.cat([features, state[None]])
    return tokens[len(prefix) :], found


def test_a_cache_gives_what_whole_texts_give(target, draft):
    features = torch.cat([torch.zeros(1, draft.width), states_of(target, TEXT)[:-1]])
    expected = reference(draft, TEXT, features)
    cache = OneLayerCache(draft, 2)
    with torch.inference_mode():
        first = cache.forward([TEXT[:4], TEXT[:1]], [features[:4], features[:1]])
        torch.testing.assert_close(first, expected[[3, 0]], rtol=1e-4, atol=1e-5)
        cache.forward([TEXT[4:9], TEXT[1:2]], [features[4:9], features[1:2]])
        cache.cut((6, 2))
        found = cache.forward([TEXT[6:], TEXT[2:7]], [features[6:], features[2:7]])
        torch.testing.assert_close(found, expected[[10, 6]], rtol=1e-4, atol=1e-5)
        cache.select([1])
        found = cache.forward([TEXT[7:]], [features[7:]])
    torch.testing.assert_close(found, expected[[10]], rtol=1e-4, atol=1e-5)


def test_a_cache_grows(draft, monkeypatch):
    from ahasd.decoding.heads import one_layer_cache

    features = torch.randn(len(TEXT), draft.width)
    with torch.inference_mode():
        whole = OneLayerCache(draft, 1).forward([TEXT], [features])
        monkeypatch.setattr(one_layer_cache, "FIRST_CAPACITY", 2)
        cache = OneLayerCache(draft, 1)
        for place, token in enumerate(TEXT):
            found = cache.forward([[token]], [features[place : place + 1]])
    torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-5)


def test_rollouts_start_from_the_target_s_states_at_every_position(target, draft):
    prefixes = [2, 5, 9]
    with torch.inference_mode():
        rows = OneLayerRows(draft, read_text(draft, target, TEXT), prefixes)
        fed = torch.tensor([[TEXT[prefix]] for prefix in prefixes])
        paths = [own_path(draft, target, TEXT[: prefix + 1], 3) for prefix in prefixes]
        for step in range(3):
            logits = rows.forward(fed)[:, 0]
            for row, (_, expected) in enumerate(paths):
                torch.testing.assert_close(logits[row, draft.named], expected[step], rtol=1e-3, atol=1e-4)
            fed = torch.tensor([[tokens[step]] for tokens, _ in paths])


def test_guesses_follow_the_draft_s_own_path(target, draft):
    guesser = OneLayerGuesser(draft, ACCURACY, 3)
    guesser.start(2)
    states = states_of(target, TEXT)
    texts = [TEXT[:6], TEXT[:3]]
    guesser.read(0, TEXT[:2], states[:2])
    guesser.read(0, TEXT[2:5], states[2:5])
    guesser.read(1, TEXT[:2], states[:2])
    for more in ((), (7, 5)):
        if more:
            guesser.read(0, TEXT[5:7], states[5:7])
            guesser.read(1, TEXT[2:5], states[2:5])
            texts = [TEXT[:8], TEXT[:6]]
        for text, guess in zip(texts, guesser.guess(texts, 3), strict=True):
            tokens, logits = own_path(draft, target, text, 3)
            assert [candidates[0] for candidates in guess.candidates] == tokens
            for candidates, said, each in zip(guess.candidates, guess.probability, logits, strict=True):
                found, slots = each.softmax(-1).topk(3)
                assert candidates == draft.named[slots].tolist()
                assert said == pytest.approx(found.tolist(), abs=1e-4)


def test_guessing_ends_where_it_is_not_to_go_on(target, draft):
    guesser = OneLayerGuesser(draft, ACCURACY, 3)
    states = states_of(target, TEXT)
    asked = []

    def begun():
        guesser.start(1)
        guesser.read(0, TEXT[:5], states[:5])
        return guesser

    def goes_on(known):
        asked.append(len(known[0].candidates))
        return asked[-1] < 2

    (short,) = begun().guess([TEXT[:6]], 3, goes_on)
    assert asked == [1, 2]
    (whole,) = begun().guess([TEXT[:6]], 3)
    assert list(short.candidates) == list(whole.candidates[:2])


def test_recorded_acceptance_is_the_target_s_opinion_of_the_draft_s_path(target, tmp_path, pair):
    model = pair[0]
    draft = load_one_layer(make_one_layer(tmp_path, model), model, "one")
    trace = record(
        model, draft, [Prompt("1", "code", ("def main(self):\n",))], mode="greedy", tokens_per_prompt=6
    )
    assert trace.header.draft == "one"
    assert trace.positions == 6
    ids = model.tokenizer("def main(self):\n")["input_ids"]
    text = list(ids)
    for _ in range(6):
        with torch.no_grad():
            text.append(int(model.model(torch.tensor([text])).logits[0, -1].argmax()))
    for position in range(6):
        known = text[: len(ids) + position]
        tokens, _ = own_path(draft, model, known, 4)
        for step, token in enumerate(tokens):
            with torch.no_grad():
                best = int(model.model(torch.tensor([[*known, *tokens[:step]]])).logits[0, -1].argmax())
            assert trace.acceptance_probability[position, step] == np.float16(best == token)
