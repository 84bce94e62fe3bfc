"""Routing traces: they come back as they were, keep their rules, and made-up ones have what was asked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.files import load as load_rollout
from ahasd.traces.routing.files import load, save
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.synthetic import SyntheticRouting, parse_synthetic, synthesize
from ahasd.traces.routing.trace import RoutingTrace


@pytest.fixture(scope="module")
def trace() -> RoutingTrace:
    return synthesize(SyntheticRouting(experts=8, top=2, layers=3, tokens=60, prompts=3, prefix=5, depth=3))


def test_a_trace_comes_back_from_a_file_as_it_was(tmp_path: Path, trace: RoutingTrace) -> None:
    save(trace, tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    assert again.header == trace.header
    assert again.sha256 == trace.sha256
    assert again.tensors().keys() == trace.tensors().keys()
    save(again, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_each_kind_of_trace_is_refused_where_the_other_is_read(tmp_path: Path, trace: RoutingTrace) -> None:
    save(trace, tmp_path / "a.safetensors")
    with pytest.raises(AhasdError, match=r"a\.safetensors: not a rollout trace"):
        load_rollout(tmp_path / "a.safetensors")


def test_prefix_and_continuation_are_apart(trace: RoutingTrace) -> None:
    assert trace.written.sum() == 60 - 3 * 5
    assert not trace.written[:5].any()
    assert trace.written[5:20].all()


def tensor(trace: RoutingTrace, name: str, change: Callable[[Any], Any]) -> RoutingTrace:
    changed = trace.tensors()[name].copy()
    result = change(changed)
    return replace(trace, **{name: changed if result is None else result})


def put(*at: int, value: float) -> Callable[[Any], None]:
    def change(array: Any) -> None:
        array[at] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("chosen", put(4, 1, 0, value=8), r"chosen row 4, step 1 is 8; must be in \[0, 7\]"),
        ("chosen", lambda a: a[:, :2], "chosen has 2 layers; the header names 3"),
        ("chosen", lambda a: np.repeat(a[:, :, :1], 2, axis=2), "chosen row 0, step 0 .* stands twice"),
        ("chosen", lambda a: a.astype(np.int32), "chosen has dtype int32; must be int16"),
        ("scores", put(1, 0, 0, value=np.nan), "scores row 1, step 0 is nan"),
        ("scores", lambda a: a[:, :, :4], r"scores have shape \(60, 3, 4\)"),
        ("ahead", put(0, 2, 0, 0, value=1), "ahead row 0, step 2 is 1; must be -1"),
        ("ahead", put(0, 0, 1, 0, value=-1), "ahead row 0, step 0 is -1"),
        ("continuation_start", put(1, value=19), "continuation_start row 1 is 19; must lie within"),
        ("prompt_start", put(1, value=0), "prompt_start row 1 is 0"),
    ],
)
def test_what_breaks_a_rule_is_named(
    trace: RoutingTrace, name: str, change: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(AhasdError, match=said):
        tensor(trace, name, change)


def test_the_highest_scores_alone_need_their_ids(trace: RoutingTrace) -> None:
    assert trace.scores is not None
    ids = np.argsort(-trace.scores.astype(np.float64), axis=2)[:, :, :4].astype(np.int16)
    best = np.take_along_axis(trace.scores, ids.astype(np.int64), axis=2)
    kept = replace(trace, scores=best, ids=ids)
    assert kept.scores is not None
    assert kept.scores.shape == (60, 3, 4)
    with pytest.raises(AhasdError, match="there are no scores"):
        replace(trace, scores=None, ids=ids)


def test_a_header_names_rising_layers() -> None:
    header = RoutingHeader("m", 8, (1, 3), "none", "greedy", 0.0, 0, "p", "1")
    assert RoutingHeader.from_metadata(header.to_metadata()) == header
    with pytest.raises(AhasdError, match=r"layers are \(3, 1\)"):
        replace(header, layers=(3, 1))


def test_what_is_chosen_has_the_highest_scores(trace: RoutingTrace) -> None:
    assert trace.scores is not None
    chosen = np.take_along_axis(trace.scores, trace.chosen.astype(np.int64), axis=2)
    assert (np.diff(chosen.astype(np.float64), axis=2) <= 0).all()
    assert (chosen[:, :, -1] >= np.sort(trace.scores, axis=2)[:, :, -2]).all()


@pytest.mark.parametrize("repeat", [0.0, 0.5])
def test_experts_repeat_as_often_as_asked(repeat: float) -> None:
    made = synthesize(
        SyntheticRouting(experts=32, top=2, layers=4, tokens=4000, zipf=0.0, repeat=repeat, depth=0)
    )
    again = (made.chosen[1:, :, :, None] == made.chosen[:-1, :, None, :]).any(axis=2)
    # What is not kept is drawn anew from the 31 or 30 others, of which one or two are the token's before.
    assert again.mean() == pytest.approx(repeat + (1 - repeat) * 2 / 32, abs=0.02)


def test_gates_foresee_as_much_as_asked() -> None:
    made = synthesize(SyntheticRouting(tokens=2000, depth=2, accuracy=0.8))
    assert made.ahead is not None
    for d in (1, 2):
        right = (made.ahead[:, :-d, d - 1, :, None] == made.chosen[:, d:, None, :]).any(axis=-1)
        assert right.mean() == pytest.approx(0.8**d, abs=0.01)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zipf=-1", "zipf is -1.0"),
        ("top=9,experts=8", "cannot take 9 of 8"),
        ("repeat=x", "repeat is 'x'; must be a number"),
        ("repeat=0.1,repeat=0.2", "repeat is given twice"),
        ("tokens=50,prompts=10", "are more than the 50 tokens"),
        ("tokens=9000000", "more than the"),
    ],
)
def test_numbers_that_no_trace_has_are_refused(text: str, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        parse_synthetic(f"synthetic-routing:{text}")


def test_an_unknown_setting_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'repeat'"):
        parse_synthetic("synthetic-routing:repeats=1")
