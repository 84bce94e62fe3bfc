"""Texts of a batch are those of each prompt alone, token for token, by every method; also those of transformers."""

import pytest
import torch

from ahasd.decoding import SpeculativeDecoder
from ahasd.errors import AhasdError

from ..small_models import random_model

TEXTS = (
    "def read(path):\n",
    "import os\n\nclass Walker:\n    def __init__(self",
    "x",
    "for name in sorted(os.listdir(folder)):\n    if name.startswith('.'):\n",
    "try:\n    value = int(text)\n",
)
NEW = 40
WAYS = [
    ("autoregressive", None),
    ("speculative", "fixed:4"),
    ("speculative", "svip:h=0.7"),
    ("speculative", "adaedl"),
    ("speculative", "specdecpp:lag=0,h=0.5"),
    ("ngram", None),
]


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(text)["input_ids"] for text in TEXTS]


@pytest.fixture(scope="module")
def by_transformers(target, prompts):
    """What generate of transformers writes behind each prompt alone."""
    texts = []
    for prompt in prompts:
        ids = torch.tensor([prompt])
        out = target.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=NEW,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        texts.append(tuple(out[0, len(prompt) :].tolist()))
    return tuple(texts)


def always(method):
    """Drafts in every round, so that the clock decides nothing."""
    return {} if method == "autoregressive" else {"always_draft": True}


@pytest.mark.parametrize(("method", "algorithm"), WAYS)
def test_greedy_texts_are_those_of_transformers_and_figures_those_of_each_alone(
    target, draft, prompts, by_transformers, method, algorithm
):
    decoder = SpeculativeDecoder(target, draft, method, algorithm)
    open_end = {"max_new_tokens": NEW, "eos_token_id": ()}
    alone = decoder.generate(prompts, **open_end)
    assert alone.new_tokens == by_transformers
    for size in (2, 16):
        out = decoder.generate(prompts, batch_size=size, **always(method), **open_end)
        assert out.new_tokens == by_transformers
        assert torch.equal(out.sequences, alone.sequences)
        for ours, theirs in zip(out.per_prompt, alone.per_prompt, strict=True):
            for name in (
                "tokens",
                "tokens_cut",
                "drafted",
                "accepted",
                "rejected",
                "flushed",
                "verifications",
            ):
                assert getattr(ours, name) == getattr(theirs, name), name
            assert ours.accepted_histogram == theirs.accepted_histogram
            assert ours.smallest_top2_gap == pytest.approx(theirs.smallest_top2_gap, abs=1e-4)
        assert out.metrics.tokens == NEW * len(prompts)
    if method != "autoregressive":
        assert decoder.generate(prompts, batch_size=16, **open_end).new_tokens == by_transformers


def test_prompts_padded_on_either_side_are_the_same_prompts(target, prompts, by_transformers):
    decoder = SpeculativeDecoder(target, method="autoregressive")
    width = max(map(len, prompts))
    for left in (True, False):
        pads = [[7] * (width - len(prompt)) for prompt in prompts]
        rows = [pad + prompt if left else prompt + pad for pad, prompt in zip(pads, prompts, strict=True)]
        mask = [
            [0] * len(pad) + [1] * len(prompt) if left else [1] * len(prompt) + [0] * len(pad)
            for pad, prompt in zip(pads, prompts, strict=True)
        ]
        out = decoder.generate(
            torch.tensor(rows),
            torch.tensor(mask),
            batch_size=8,
            max_new_tokens=NEW,
            eos_token_id=(),
            pad_token_id=7,
        )
        assert out.new_tokens == by_transformers
        assert out.sequences.shape == (len(prompts), width + NEW)
        assert out.sequences[:, :width].tolist() == rows


@pytest.mark.parametrize("method", ["autoregressive", "speculative"])
def test_rows_leave_at_their_end_tokens_and_the_others_go_on(target, draft, prompts, by_transformers, method):
    decoder = SpeculativeDecoder(target, draft, method, "fixed:4")
    left = set()
    for end in sorted({text[place] for text in by_transformers for place in (3, 11)}):
        expected = tuple(text[: text.index(end) + 1] if end in text else text for text in by_transformers)
        out = decoder.generate(prompts, batch_size=16, max_new_tokens=NEW, eos_token_id=end, **always(method))
        assert out.new_tokens == expected
        assert [len(text) for text in expected] == [each.tokens for each in out.per_prompt]
        left.add(tuple(map(len, expected)))
    assert any(len(set(lengths)) > 2 for lengths in left), "rows left at different times"


@pytest.mark.parametrize(
    "fields",
    [
        {"repetition_penalty": 1.3},
        {"no_repeat_ngram_size": 3, "suppress_tokens": [5, 9]},
        {"stop_strings": ["self", "\n\n"]},
        {"min_new_tokens": 12},
        {"num_assistant_tokens": 2},
        {"max_new_tokens": 1},
        {"max_new_tokens": 0},
    ],
    ids=str,
)
def test_requests_hold_for_every_row(target, draft, prompts, fields):
    decoder = SpeculativeDecoder(target, draft, algorithm="fixed:3")
    fields = {"max_new_tokens": 20} | fields
    expected = decoder.generate(prompts, **fields)
    out = decoder.generate(prompts, batch_size=3, always_draft=True, **fields)
    assert out.new_tokens == expected.new_tokens
    assert [each.drafted for each in out.per_prompt] == [each.drafted for each in expected.per_prompt]


@pytest.mark.parametrize("sampling", ["coupled", "independent"])
def test_a_seed_gives_every_row_the_text_that_it_has_alone(target, draft, prompts, sampling):
    """Independent draws too, as every row draws from a generator of its own, by its place among the prompts."""
    fields = {"do_sample": True, "seed": 5, "max_new_tokens": 24, "temperature": 0.9, "top_p": 0.95}
    found = set()
    for method in ("autoregressive", "speculative"):
        decoder = SpeculativeDecoder(target, draft, method, "fixed:3", sampling=sampling)
        alone = decoder.generate(prompts, **fields).new_tokens
        for size in (2, 16):
            assert decoder.generate(prompts, batch_size=size, **fields).new_tokens == alone
        found.add(alone)
    assert len(set(alone)) == len(prompts)
    assert len(found) == (1 if sampling == "coupled" else 2)


def test_the_same_prompt_twice_gives_greedy_twins_and_sampled_strangers(target, draft, prompts):
    decoder = SpeculativeDecoder(target, draft, algorithm="fixed:4")
    greedy = decoder.generate([prompts[1]] * 3, batch_size=3, max_new_tokens=16).new_tokens
    assert len(set(greedy)) == 1
    drawn = decoder.generate(
        [prompts[1]] * 3, batch_size=3, max_new_tokens=16, do_sample=True, seed=1
    ).new_tokens
    assert len(set(drawn)) == 3


def test_steps_of_a_row_are_the_passes_that_it_shared(target, draft, prompts):
    decoder = SpeculativeDecoder(target, draft, algorithm="fixed:4")
    out = decoder.generate(prompts, batch_size=16, max_new_tokens=20, eos_token_id=(), always_draft=True)
    for steps, metrics in zip(out.steps, out.per_prompt, strict=True):
        assert steps.tokens_generated == metrics.tokens == 20
        assert len(steps.verify_times) == metrics.verifications - 1
        assert sum(steps.accepted_tokens) == 19
    first = [next(step.start_s for step in steps.timeline if step.kind == "verify") for steps in out.steps]
    assert max(first) - min(first) < 0.01, "one pass for all"
    assert out.metrics.seconds < sum(each.seconds for each in out.per_prompt)


def test_an_emulated_latency_is_that_of_a_pass_whatever_its_rows(target, prompts):
    decoder = SpeculativeDecoder(target, method="autoregressive", target_seconds=0.02)
    out = decoder.generate(prompts, batch_size=16, max_new_tokens=6, eos_token_id=())
    assert 0.1 <= out.metrics.seconds < 0.4


@pytest.mark.parametrize("kind", ["gpt2", "gemma2", "qwen3"])
def test_models_of_the_general_forward_write_their_own_texts(kind):
    options = {"gpt2": {"n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": 512}}.get(
        kind, {"head_dim": 8}
    )
    options |= {"sliding_window": 7} if kind == "gemma2" else {}
    target = random_model("target", model_type=kind, **options)
    draft = random_model("draft", seed=1, model_type=kind, **options)
    prompts = [[(3 * index + 1) % 61 for index in range(length)] for length in (9, 3, 17)]
    fields = {"max_new_tokens": 20, "eos_token_id": ()}
    expected = SpeculativeDecoder(target, method="autoregressive").generate(prompts, **fields).new_tokens
    for helper, algorithm in ((draft, "fixed:3"), (target, "svip:h=0.5")):
        decoder = SpeculativeDecoder(target, helper, algorithm=algorithm)
        out = decoder.generate(prompts, batch_size=4, always_draft=True, **fields)
        assert out.new_tokens == expected
        assert out.metrics.drafted > 0


def refused(decoder, match, prompts, **fields):
    fields = {"batch_size": 4, "max_new_tokens": 8} | fields
    with pytest.raises(AhasdError, match=match):
        decoder.generate(prompts, **fields)


def test_bad_batches_are_refused_before_the_first_pass(target, draft, prompts, monkeypatch):
    decoder = SpeculativeDecoder(target, draft, algorithm="fixed:4")
    monkeypatch.setattr(SpeculativeDecoder, "_in_batches", _checked_only(SpeculativeDecoder._in_batches))
    refused(decoder, "batch size is 17; must be 1 to 16", prompts, batch_size=17)
    refused(decoder, "batch size is 0", prompts, batch_size=0)
    refused(decoder, "batch size is True", prompts, batch_size=True)
    refused(decoder, "prompt 2 of 3: the prompt has no tokens", [[1], [], [2]])
    refused(decoder, "prompt 1 of 2: the prompt holds token 1024", [[1024], [2]])
    refused(decoder, r"prompt 2 of 2: the text needs a context of 258: 250 .*has 256", [[1], [5] * 250])
    refused(decoder, "always_draft is about batches", prompts, batch_size=1, always_draft=True)
    alone = SpeculativeDecoder(target, method="autoregressive")
    refused(alone, "always_draft is about drafts", prompts, always_draft=True)


def _checked_only(method):
    """The batched path, in which no model may run."""

    def run(self, prompts, requests, size, always_draft):
        self._batches = None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "ahasd.decoding.speculative_decoder.build_batch_decoder",
                lambda *_: pytest.fail("checked too late"),
            )
            return method(self, prompts, requests, size, always_draft)

    return run


def test_methods_and_models_that_take_one_prompt_are_named(target, draft, prompts):
    with SpeculativeDecoder(target, draft, "async") as decoder:
        refused(decoder, "method 'async' decodes one prompt at a time", prompts)
    far = random_model("far", rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0})
    refused(SpeculativeDecoder(far, method="autoregressive"), r"'far' \(llama\) rotates all rows", [[1], [2]])


def test_a_text_may_fill_the_context_of_target_and_draft(target, draft, prompts):
    decoder = SpeculativeDecoder(target, draft, algorithm="fixed:4")
    rows = [[5] * 230, prompts[0]]
    expected = decoder.generate(rows, max_new_tokens=26, eos_token_id=()).new_tokens
    found = decoder.generate(rows, batch_size=2, max_new_tokens=26, eos_token_id=(), always_draft=True)
    assert found.new_tokens == expected
    assert len(found.new_tokens[0]) == 26
