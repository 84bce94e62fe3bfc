"""A run against the dense model, and its trace in the simulator."""

import json

import numpy as np
import pytest

from ahasd.decoding.models.lean_runner import LeanRunner
from ahasd.decoding.sparse_attention.comparison import compare_with_dense
from ahasd.decoding.sparse_attention.heads_of_model import split_of_model
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.errors import AhasdError
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.split import HeadSplit
from ahasd.sparse_attention.pages.window import Window
from ahasd.sparse_attention.run import SparseAttentionRun
from ahasd.traces.attention.files import load, save

from .small import grouped_weights, mixed, settings, some_tokens


@pytest.fixture(scope="module")
def grouped():
    return grouped_weights(num_hidden_layers=3)


def written(runner, prompt, count):
    tokens = [int(runner.forward(prompt, rows=1).argmax())]
    while len(tokens) < count:
        tokens.append(int(runner.forward(tokens[-1:]).argmax()))
    return tuple(tokens)


def test_both_texts_are_those_of_their_models_and_compared_token_by_token(grouped):
    asked, prompt = settings(mixed(grouped), budget=8), some_tokens(90)
    found = compare_with_dense(grouped, prompt, asked, 30)
    assert found.tokens == written(SparseRunner(grouped, asked), prompt, 30)
    assert found.dense_tokens == written(LeanRunner(grouped), prompt, 30)
    assert found.tokens != found.dense_tokens, "so that there is something to see"
    assert found.tokens[: found.same_until] == found.dense_tokens[: found.same_until]
    assert found.tokens[found.same_until] != found.dense_tokens[found.same_until]
    forced = SparseRunner(grouped, asked)
    choices = [int(forced.forward(prompt, rows=1).argmax())]
    choices += [int(forced.forward([token]).argmax()) for token in found.dense_tokens[:-1]]
    assert found.same_choice == np.mean(np.array(choices) == np.array(found.dense_tokens))
    assert 0 < found.bytes_read < found.dense_bytes
    assert found.time_ratio is not None
    assert found.time_ratio > 0


def test_with_everything_read_the_text_is_the_dense_models(grouped):
    alike = HeadSplit.alike(3, 2, HeadClass.DENSE)
    found = compare_with_dense(grouped, some_tokens(40), settings(alike, window=Window(0, 1)), 20)
    assert found.tokens == found.dense_tokens
    assert (found.same_until, found.same_choice) == (20, 1.0)
    assert found.bytes_read == found.dense_bytes


@pytest.mark.parametrize("sharing", ["shared", "separate"])
def test_the_simulator_reads_the_pages_and_the_bytes_of_the_run(grouped, sharing, tmp_path):
    asked, prompt = settings(mixed(grouped), sharing=sharing), some_tokens(150)
    runner = SparseRunner(grouped, asked)
    expected = []
    found = compare_with_dense(grouped, prompt, asked, 12)
    save(found.trace, tmp_path / "trace.safetensors")
    trace = load(tmp_path / "trace.safetensors")
    runner.forward(prompt, rows=1)
    for token in found.tokens[:-1]:
        runner.forward([token])
        expected.append(
            {
                (layer, head): store.chosen[place * len(store.chosen) // len(store.heads) :][
                    : len(store.chosen) // len(store.heads)
                ]
                for layer, stores in enumerate(runner.stores)
                for store in stores
                if hasattr(store, "chosen")
                for place, head in enumerate(store.heads)
            }
        )
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "model_type": "llama",
                "architectures": ["LlamaForCausalLM"],
                "hidden_act": "silu",
                "vocab_size": 61,
                "hidden_size": 32,
                "intermediate_size": 48,
                "num_hidden_layers": 3,
                "num_attention_heads": 4,
                "num_key_value_heads": 2,
                "max_position_embeddings": 512,
                "tie_word_embeddings": False,
                "rms_norm_eps": 1e-6,
            }
        )
    )
    run = SparseAttentionRun(
        SparseAttentionConfiguration.checked(
            model=str(tmp_path / "config.json"),
            attention=str(tmp_path / "trace.safetensors"),
            set=(f"system.sharing={sharing}",),
        )
    )
    run.simulate()
    choice = run.placed.attention.choice
    assert list(run.placed.contexts) == list(range(151, 162))
    for step, context in enumerate(run.placed.contexts):
        for (layer, head), lists in expected[step].items():
            pages = choice.pages(step, layer, head, 0, context)
            assert pages.tolist() == np.unique(np.concatenate(lists)).tolist()
    assert np.array_equal(run.placed.attention.split.classes, asked.split.classes)
    # The run keeps 32 bits of what the simulator has 16 of.
    section = run.result().sparse_attention
    assert trace.shared == (sharing == "shared")
    if sharing == "shared":
        assert 2 * section.attention_bytes == pytest.approx(found.bytes_read)


def test_what_does_not_fit_is_refused(grouped, tmp_path):
    asked = settings(mixed(grouped))
    with pytest.raises(AhasdError, match="has no tokens"):
        compare_with_dense(grouped, [], asked, 4)
    with pytest.raises(AhasdError, match=r"need a context of 520; 'random' was made for 512"):
        compare_with_dense(grouped, some_tokens(500), asked, 20)
    with pytest.raises(AhasdError, match=r"sink 4 and recent 12 together are more than the context of 12"):
        compare_with_dense(grouped, some_tokens(8), asked, 4)
    (tmp_path / "other.tsv").write_text("0.1\t0.2\n0.3\t0.4\n")
    with pytest.raises(AhasdError, match=r"2 layers of 2 key-value heads, and random has 3 of 2"):
        split_of_model(grouped, str(tmp_path / "other.tsv"), 0.5, 0)
    with pytest.raises(AhasdError, match="dense layers are 9"):
        split_of_model(grouped, None, 0.5, 9)


def test_a_table_of_needs_and_dense_layers_make_the_split(grouped, tmp_path):
    (tmp_path / "own.tsv").write_text("0.1\t0.9\n0.8\t0.2\n0.7\t0.3\n")
    split = split_of_model(grouped, str(tmp_path / "own.tsv"), 0.5, 1)
    dense, paged, streaming = HeadClass.DENSE, HeadClass.PAGED, HeadClass.STREAMING
    assert split.classes.tolist() == [[dense, dense], [paged, streaming], [paged, streaming]]
