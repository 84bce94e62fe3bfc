"""A pass over rows of unequal lengths gives every row the logits of a whole forward of transformers over it alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.decoding.batched.passes import lean_batched_runner
from ahasd.decoding.batched.passes.batched_runner import RowTokens
from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.lean_batched_runner import LeanBatchedRunner
from ahasd.decoding.batched.passes.transformers_batched_runner import TransformersBatchedRunner
from ahasd.errors import AhasdError

from ..architectures import ARCHITECTURES
from ..small_models import random_model, whole_logits

#: A path of each kind, in every run: ours, windows, biases by distance, latent attention, shared keys, mixtures.
QUICK = ("llama", "gemma2", "bloom", "deepseek_v3", "gemma4_text", "gpt_oss")


def close(found, wanted):
    return float((found - wanted).abs().max() / wanted.abs().max()) < 1e-5


def texts_of(*lengths, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, 61, (length,), generator=generator).tolist() for length in lengths]


@pytest.fixture(scope="module")
def llama():
    return random_model(num_key_value_heads=2)


@pytest.fixture(scope="module")
def both(llama):
    """The lean runner and the general one, of the same model."""
    lean = build_batched_runner(llama)
    assert isinstance(lean, LeanBatchedRunner)
    return lean, TransformersBatchedRunner(llama)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param(kind, options, marks=() if kind in QUICK else pytest.mark.slow)
        for kind, _, options in ARCHITECTURES
    ],
    ids=[f"{kind}, {special}" for kind, special, _ in ARCHITECTURES],
)
def test_every_architecture_gives_rows_their_own_logits(kind, options):
    model = random_model(kind, model_type=kind, **options)
    runner, texts = build_batched_runner(model), texts_of(25, 7, 40)
    runner.start(3)
    runner.forward(
        [RowTokens(row, text[:n], 0) for row, (text, n) in enumerate(zip(texts, (10, 3, 20), strict=True))]
    )
    runner.forward([RowTokens(0, [*texts[0][10:15], 5, 6], 3), RowTokens(2, texts[2][20:28], 1)])
    runner.cut(0, 15)
    wanted = (4, 1, 12)
    found = runner.forward(
        [
            RowTokens(row, text[n:], k)
            for row, (text, n, k) in enumerate(zip(texts, (15, 3, 28), wanted, strict=True))
        ]
    )
    assert close(
        found, torch.cat([whole_logits(model, text)[-k:] for text, k in zip(texts, wanted, strict=True)])
    )
    runner.select([0, 2])
    runner.cut(1, 39)
    assert close(runner.forward([RowTokens(1, texts[2][39:], 1)]), whole_logits(model, texts[2])[-1:])


STEPS = st.lists(
    st.tuples(st.sampled_from(["feed", "feed", "cut", "leave"]), st.integers(0, 2**20), st.integers(1, 9)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 4), steps=STEPS, lean=st.booleans())
def test_any_order_of_feeding_cutting_and_leaving(llama, both, rows, steps, lean):
    runner = both[0] if lean else both[1]
    runner.start(rows)
    texts = [[] for _ in range(rows)]
    for step, (kind, choice, count) in enumerate(steps):
        if kind == "cut" and texts[choice % len(texts)]:
            row = choice % len(texts)
            length = count % (len(texts[row]) + 1)
            runner.cut(row, length)
            del texts[row][length:]
        elif kind == "leave" and len(texts) > 1:
            kept = [row for row in range(len(texts)) if row != choice % len(texts)]
            runner.select(kept)
            texts = [texts[row] for row in kept]
        else:
            # The bits of the choice say who is fed; one row at least, and every row before its first cut.
            fed = [row for row in range(len(texts)) if choice >> row & 1 or not texts[row]]
            fed = fed or [choice % len(texts)]
            new = {row: [(7 * step + 3 * row + k) % 61 for k in range(1 + (count + row) % 5)] for row in fed}
            found = runner.forward([RowTokens(row, new[row], 1) for row in fed])
            for row in fed:
                texts[row] += new[row]
            assert close(found, torch.stack([whole_logits(llama, texts[row])[-1] for row in fed]))
        assert runner.lengths == tuple(map(len, texts))


@pytest.mark.parametrize("lean", [True, False])
def test_a_tree_of_drafts_sees_its_own_branch_and_the_accepted_path_stays(llama, both, lean):
    runner = both[0] if lean else both[1]
    texts = texts_of(12, 5)
    runner.start(2)
    runner.forward([RowTokens(row, text, 0) for row, text in enumerate(texts)])
    # Behind row 0 a root with two children, the second of which has one: 0 -> 1, 0 -> 2 -> 3. Row 1 is a chain.
    tree, depth = [30, 31, 32, 33], [0, 1, 1, 2]
    paths = [[0], [0, 1], [0, 2], [0, 2, 3]]
    sees = torch.tensor([[place in path for place in range(4)] for path in paths])
    found = runner.forward([RowTokens(0, tree, 4, [12 + d for d in depth], sees), RowTokens(1, [40, 41], 1)])
    expected = [whole_logits(llama, texts[0] + [tree[place] for place in path])[-1] for path in paths]
    expected.append(whole_logits(llama, [*texts[1], 40, 41])[-1])
    assert close(found, torch.stack(expected))
    runner.compact(0, 12, [0, 2, 3])
    assert runner.lengths == (15, 7)
    found = runner.forward([RowTokens(0, [50], 1), RowTokens(1, [51], 1)])
    wanted = [
        whole_logits(llama, [*texts[0], 30, 32, 33, 50])[-1],
        whole_logits(llama, [*texts[1], 40, 41, 51])[-1],
    ]
    assert close(found, torch.stack(wanted))


@pytest.mark.parametrize("lean", [True, False])
def test_what_cannot_be_kept_or_cut_is_an_error(both, lean):
    runner = both[0] if lean else both[1]
    runner.start(1)
    runner.forward([RowTokens(0, [1, 2, 3], 0)])
    for kept in ([1, 0], [0, 0], [3], [-1]):
        with pytest.raises(ValueError, match="cannot keep"):
            runner.compact(0, 0, kept)
    with pytest.raises(ValueError, match="cannot cut row 0 to 4 of 3"):
        runner.cut(0, 4)


def test_a_tree_for_a_model_with_windows_is_refused():
    runner = build_batched_runner(random_model("m", model_type="mistral", sliding_window=7))
    runner.start(1)
    runner.forward([RowTokens(0, [1, 2], 0)])
    with pytest.raises(AhasdError, match=r"'m' \(mistral\) has windows"):
        runner.forward([RowTokens(0, [3, 4], 1, sees=torch.ones(2, 2).tril() > 0)])


def test_the_cache_grows_and_long_prompts_go_through_in_passes_of_their_own(llama, both, monkeypatch):
    runner, texts = both[0], texts_of(150, 9, 290, 20)
    expected = torch.stack([whole_logits(llama, text)[-1] for text in texts])
    for entries, passes in ((2**22, 1), (150 * 300, 3)):
        monkeypatch.setattr(lean_batched_runner, "MASK_ENTRIES", entries)
        fed = [RowTokens(row, text, 1) for row, text in enumerate(texts)]
        assert len(lean_batched_runner.in_passes(fed, [0] * 4)) == passes
        runner.start(4)
        assert close(runner.forward(fed), expected)
        assert runner.lengths == (150, 9, 290, 20)


def test_a_row_is_up_to_its_own_tokens_alone(both):
    """Bit for bit, where the pass has the same shape: no entry of another row is read."""
    for runner in both:
        found = []
        for other in texts_of(9, 9, seed=4):
            runner.start(2)
            runner.forward([RowTokens(0, [5, 6, 7], 0), RowTokens(1, other, 0)])
            found.append(runner.forward([RowTokens(0, [8], 1), RowTokens(1, [3, 4], 0)]))
        assert torch.equal(*found)


def test_logits_are_computed_of_wanted_rows_alone(both, monkeypatch):
    """A prompt's logits may take gigabytes."""
    seen = []
    linear = lean_batched_runner.linear

    def watched(x, weight, bias=None):
        if len(weight) == 61:
            seen.append(len(x))
        return linear(x, weight, bias)

    monkeypatch.setattr(lean_batched_runner, "linear", watched)
    both[0].start(3)
    both[0].forward([RowTokens(row, text, row) for row, text in enumerate(texts_of(30, 50, 40))])
    assert seen == [0 + 1 + 2]


def test_states_are_those_behind_the_wanted_rows(llama, both):
    texts = texts_of(6, 3)
    with torch.no_grad():
        whole = [
            llama.model(torch.tensor([text]), output_hidden_states=True).hidden_states[-1][0]
            for text in texts
        ]
    for runner in both:
        runner.keep_states = True
        runner.start(2)
        runner.forward([RowTokens(0, texts[0], 2), RowTokens(1, texts[1], 1)])
        assert close(runner.states, torch.cat([whole[0][-2:], whole[1][-1:]]))
        runner.keep_states = False


def test_models_whose_rows_would_meet_are_refused_by_name():
    parameters = {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0}
    with pytest.raises(AhasdError, match=r"'far' \(llama\) rotates all rows .* \(batch size 1\)"):
        build_batched_runner(random_model("far", rope_parameters=parameters))
    with pytest.raises(AhasdError, match=r"'state' \(mamba\) has layers with a running state"):
        build_batched_runner(random_model("state", model_type="mamba"))


def test_a_runner_that_mixes_rows_up_is_found_out(llama, monkeypatch):
    """What the check before the first pass is for."""
    monkeypatch.setattr(LeanBatchedRunner, "cut", lambda self, row, length: None)
    general = build_batched_runner(llama)
    assert isinstance(general, TransformersBatchedRunner)
    monkeypatch.setattr(TransformersBatchedRunner, "_mask", lambda self, fed, places, width: None)
    with pytest.raises(AhasdError, match="its logits of a row in a batch differ from those of the row alone"):
        build_batched_runner(llama)
