"""Tree traces: rules, files, made-up ones, and the walk."""

from itertools import pairwise

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.resolve import is_trace_file, resolve_draft_trace, trace_label
from ahasd.traces.routing.files import save as save_routing
from ahasd.traces.routing.synthetic import parse_synthetic as parse_routing
from ahasd.traces.tree.files import holds_tree, load, save
from ahasd.traces.tree.published import WITHIN
from ahasd.traces.tree.resolve import is_tree_trace, resolve_tree_trace
from ahasd.traces.tree.shipped import shipped_trees
from ahasd.traces.tree.statistics import accuracy, chain_acceptance, early_keeps, early_recall, within
from ahasd.traces.tree.synthetic import SyntheticTree, parse_synthetic, synthesize
from ahasd.traces.tree.trace import TreeHeader, TreeTrace
from ahasd.traces.tree.walk import TreeWalk


def header(**changes: object) -> TreeHeader:
    given: dict[str, object] = {
        "model": "m",
        "heads": "h",
        "early_layers": (),
        "tokenizer_hash": "none",
        "mode": "greedy",
        "temperature": 0.0,
        "seed": 0,
        "prompts": "by hand",
        "tool_version": "0",
    }
    return TreeHeader(**(given | changes))  # type: ignore[arg-type]


def trace(**changes: object) -> TreeTrace:
    """A text 1 2 3 (the root before it) and a text 7, two heads of two candidates."""
    tensors: dict[str, object] = {
        "candidates": np.array(
            [[[1, 9], [8, 2]], [[2, 9], [9, 8]], [[9, 3], [1, 2]], [[7, 1], [1, 2]]], np.int32
        ),
        "probability": np.full((4, 2, 2), 0.25, np.float16),
        "taken": np.array([[1, 2], [2, 3], [3, -1], [7, -1]], np.int32),
        "prompt_start": np.array([0, 3, 4], np.int32),
    }
    about = changes.pop("header", header())
    return TreeTrace(about, **(tensors | changes))  # type: ignore[arg-type]


def test_ranks_of_the_truth():
    assert trace().true_rank.tolist() == [[0, 1], [0, -1], [1, -2], [0, -2]]
    assert accuracy(trace()).tolist() == [[0.75, 0.25], [0.0, 0.5]]
    assert chain_acceptance(trace()) == 0.75


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"candidates": np.zeros((4, 2, 2), np.int32)}, "stands twice"),
        ({"candidates": np.zeros((4, 2), np.int32)}, "N×H×m"),
        ({"candidates": np.full((4, 2, 2), -1, np.int32)}, "candidates row 0"),
        ({"candidates": np.zeros((4, 2, 2), np.int64)}, "dtype"),
        ({"candidates": np.zeros((4, 20, 2), np.int32)}, "at most 16"),
        ({"probability": np.full((4, 2, 2), 0.75, np.float16)}, "sum"),
        ({"probability": np.tile(np.array([0.1, 0.2], np.float16), (4, 2, 1))}, "above the candidate before"),
        ({"probability": np.full((4, 2, 3), 0.25, np.float16)}, "shape"),
        ({"taken": np.array([[1, 5], [2, 3], [3, -1], [7, -1]], np.int32)}, "one step later"),
        ({"taken": np.array([[1, 2], [2, 3], [3, -1], [-1, 7]], np.int32)}, "ended before"),
        ({"taken": np.zeros((4, 3), np.int32)}, "shape"),
        ({"prompt_start": np.array([0, 5], np.int32)}, "must be N = 4"),
        ({"early": np.zeros((4, 1, 2), np.int32)}, "early has shape"),
        ({"header": header(early_layers=(4,))}, "lacks the tensor early"),
        (
            {"header": header(early_layers=(4,)), "early": np.zeros((4, 1, 2), np.int32)},
            "stands twice",
        ),
    ],
)
def test_a_broken_rule_is_named(changes, problem):
    with pytest.raises(AhasdError, match=problem):
        trace(**changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"early_layers": (4, 2)}, "rising"),
        ({"early_layers": (0,)}, "from 1 on"),
        ({"mode": "beam"}, "greedy"),
        ({"mode": "sampled"}, "temperature"),
        ({"seed": -1}, "seed"),
        ({"format_version": 2}, "version 2"),
        ({"temperature": float("nan")}, "finite"),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(changes, problem):
    with pytest.raises(AhasdError, match=problem):
        header(**changes)


def test_a_trace_is_the_same_after_a_file(tmp_path):
    made = parse_synthetic("synthetic-tree:positions=300,early_layer=4,early_kept=0.1")
    path = tmp_path / "t.safetensors"
    save(made, path)
    again = load(path)
    assert again.header == made.header
    assert again.sha256 == made.sha256
    assert holds_tree(path)
    assert is_tree_trace(str(path))
    assert resolve_draft_trace(str(path)).sha256 == made.sha256
    before = path.read_bytes()
    save(again, path)
    assert path.read_bytes() == before


def test_files_of_other_kinds_and_broken_ones_are_told_apart(tmp_path):
    other = tmp_path / "routing.safetensors"
    save_routing(parse_routing("synthetic-routing:tokens=300,prompts=2"), other)
    assert not is_tree_trace(str(other))
    with pytest.raises(AhasdError, match="not a tree trace"):
        load(other)
    other.write_bytes(other.read_bytes()[:50])
    with pytest.raises(AhasdError, match="truncated"):
        is_tree_trace(str(other))


def test_names_of_traces():
    assert is_tree_trace("synthetic-tree")
    assert not is_tree_trace("synthetic:acceptance=0.5")
    assert not is_trace_file("synthetic-tree:top=6")
    assert trace_label("synthetic-tree:heads=0.5/0.2") == "synthetic-tree:heads=0.5/0.2"
    with pytest.raises(UnknownNameError, match="tree trace"):
        resolve_tree_trace("oak")


@pytest.mark.parametrize("name", WITHIN)
def test_made_up_heads_are_right_as_often_as_published(name):
    made = synthesize(SyntheticTree(heads=name, positions=6000))
    assert within(made)[:, :5] == pytest.approx(np.array(WITHIN[name]), abs=0.025)
    assert (np.diff(within(made), axis=1) >= 0).all()


@pytest.mark.parametrize("sharpness", [0.0, 0.5, 1.0])
def test_heads_that_know_their_chances_are_right_as_often_and_calibrated(sharpness):
    made = synthesize(SyntheticTree(sharpness=sharpness, positions=6000))
    assert within(made)[0, 4] == pytest.approx(0.78, abs=0.02)
    said = made.probability[:, 0, :].sum(axis=1)
    right = made.true_rank[:, 0] >= 0
    assert said.astype(float).mean() == pytest.approx(right.mean(), abs=0.02)
    spread = said.astype(float)[right].mean() - said.astype(float)[~right].mean()
    assert spread == pytest.approx(sharpness**2, abs=0.05) if sharpness != 0.5 else spread > 0.1


def test_early_guesses_have_the_recall_and_keep_what_is_asked():
    made = synthesize(SyntheticTree(early_layer=6, early_recall=0.8, early_kept=0.25, positions=4000))
    assert made.header.early_layers == (6,)
    assert early_recall(made, 0, made.early_top) == pytest.approx(0.8, abs=0.02)
    assert early_keeps(made, 0, made.early_top) == pytest.approx(np.full(10, 0.25), abs=0.04)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("heads=oak", "unknown published heads"),
        ("heads=", "unknown published heads"),
        ("heads=0.6:0.7/0.3", "as many shares"),
        ("heads=0.6:0.5", "rises with k"),
        ("heads=0.3:0.7", "ever less"),
        ("heads=1.5", "share of 0 to 1"),
        ("heads=0.5:x", "must be shares"),
        ("top=3", "must be 5 to 64"),
        ("top=ten", "must be an integer"),
        ("depth=6", "must be 0 to 5"),
        ("sharpness=2", "must be 0 to 1"),
        ("positions=9,prompts=10", "prompts is 10"),
        ("positions=1000000", "guesses"),
        ("zipf=1", "unknown setting"),
        ("top=6,top=7", "given twice"),
        ("seed=-1", "seed is -1"),
    ],
)
def test_what_no_made_up_trace_has_is_refused(text, problem):
    with pytest.raises(AhasdError, match=problem):
        parse_synthetic(f"synthetic-tree:{text}")


def test_a_walk_takes_each_text_through_the_prompts_in_order():
    walk = TreeWalk(trace(), seed=0, texts=2)
    assert [walk.row(0, emitted) for emitted in range(5)] == [0, 1, 2, 3, 0]
    assert [walk.row(1, emitted) for emitted in range(3)] == [3, 0, 1]
    assert walk.wraps == 1
    assert [walk.deepest(row) for row in range(4)] == [2, 1, 0, 0]
    assert walk.true_ranks(0) == [0, 1]
    assert walk.true_ranks(1) == [0]
    assert walk.tokens(0, 3) == [1, 2, 3]
    assert walk.tokens(2, 1) == [3]
    assert walk.coins(0, 3, 4) == TreeWalk(trace(), seed=0).coins(0, 3, 4)


def test_held_out_prompts_and_the_others_are_the_whole():
    made = synthesize(SyntheticTree(positions=400, prompts=8, early_layer=2))
    held_out, rest = made.split_prompts()
    assert (held_out.prompts, rest.prompts) == (2, 6)
    assert np.array_equal(np.concatenate([held_out.candidates, rest.candidates]), made.candidates)
    assert rest.prompt_start[0] == 0
    with pytest.raises(AhasdError, match="single text"):
        synthesize(SyntheticTree(positions=40, prompts=1)).split_prompts()


def test_a_synthetic_tree_that_is_asked_for_again_is_not_made_again() -> None:
    text = "synthetic-tree:heads=medusa-7b,positions=50"
    assert resolve_tree_trace(text) is resolve_tree_trace(text)
    assert resolve_tree_trace(text) is not resolve_tree_trace(f"{text},seed=1")


def test_the_trace_of_smollm2_is_small_and_says_where_it_is_from():
    name = "smollm2-135m-medusa-chat-sampled"
    assert name in shipped_trees()
    trace = resolve_tree_trace(name)
    header = trace.header
    assert (header.model, header.heads, header.mode) == ("smollm2-135m", "medusa", "sampled")
    assert "topics that the heads were not trained on" in header.prompts
    assert (trace.prompts, trace.heads, trace.top) == (24, 4, 10)
    assert sum(tensor.nbytes for tensor in trace.tensors().values()) < 2e6
    right = within(trace)
    assert right[0, 0] == pytest.approx(0.093, abs=5e-4)
    assert all(first > second for first, second in pairwise(right[:, -1]))
    # No early layer is good enough to prune by.
    recall = [early_recall(trace, place, 50) for place in range(len(header.early_layers))]
    assert recall == pytest.approx([0.359, 0.433], abs=5e-4)
