"""Attention traces: they come back as they were, keep their rules, and made-up ones have what was asked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.traces.attention.files import save
from ahasd.traces.attention.resolve import resolve_attention
from ahasd.traces.attention.statistics import attention_statistics
from ahasd.traces.attention.synthetic import SyntheticAttention, parse_synthetic, synthesize
from ahasd.traces.attention.trace import AttentionTrace
from ahasd.traces.routing.files import load as load_routing

SMALL = SyntheticAttention(
    layers=2, heads=4, queries=2, steps=6, context=600, page=8, budget=64, sink=16, recent=20, streaming=0.25
)


@pytest.fixture(scope="module")
def trace() -> AttentionTrace:
    return synthesize(SMALL)


def test_a_trace_comes_back_from_a_file_as_it_was(tmp_path: Path, trace: AttentionTrace) -> None:
    save(trace, tmp_path / "a.safetensors")
    again = resolve_attention(str(tmp_path / "a.safetensors"))
    assert again.header == trace.header
    assert again.sha256 == trace.sha256
    save(again, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    with pytest.raises(AhasdError, match="not a routing trace"):
        load_routing(tmp_path / "a.safetensors")


def test_a_made_up_trace_has_its_shape(trace: AttentionTrace) -> None:
    assert (trace.steps, trace.layers, trace.heads, trace.shared) == (6, 2, 4, True)
    assert trace.context.tolist() == list(range(600, 606))
    assert trace.classes[:, 0].tolist() == [2, 2]
    assert len(trace.pages(0, 0, 0)) == 0
    for step in range(6):
        pages = trace.pages(step, 1, 3)
        assert len(pages) == 8
        assert pages.min() >= 2
        assert pages.max() < (600 + step - 20) // 8
    assert trace.header.synthetic


def test_pages_last_as_long_as_asked() -> None:
    for repeat, least, most in ((0.0, 0.0, 0.3), (1.0, 1.0, 1.0)):
        made = synthesize(replace(SMALL, repeat=repeat, zipf=0.0))
        same = [np.isin(made.pages(t + 1, 0, 2), made.pages(t, 0, 2)).mean() for t in range(5)]
        assert least <= np.mean(same) <= most


def test_queries_that_choose_for_themselves_read_the_union(trace: AttentionTrace) -> None:
    twice = np.repeat(trace.chosen, 2, axis=2)
    twice[0, 0, 3, :] = [*range(2, 10)]
    separate = replace(trace, chosen=twice)
    assert not separate.shared
    assert separate.pages(0, 0, 1).tolist() == sorted({*range(2, 10), *trace.pages(0, 0, 1).tolist()})
    assert separate.pages(0, 0, 2).tolist() == trace.pages(0, 0, 2).tolist()


def put(*at: Any, value: float) -> Callable[[Any], None]:
    def change(array: Any) -> None:
        array[at] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("chosen", put(0, 0, 0, 0, value=3), "of a head that chooses no pages"),
        ("chosen", put(0, 0, 1, 0, value=0), "read in any case"),
        ("chosen", put(0, 0, 1, 7, value=72), "or does not exist yet"),
        ("chosen", put(0, 0, 1, 0, value=-2), "must be a page, or -1"),
        ("chosen", put(0, 0, 1, 3, value=-1), "stands behind a -1"),
        ("chosen", put(0, 0, 1, 1, value=2), "must be above the page before it"),
        ("context", put(2, value=600), "one more than in the step before"),
        ("classes", put(0, 0, value=3), r"must be in \[0, 2\]"),
        ("prompt_start", put(1, value=5), "must be N = 6"),
    ],
)
def test_a_broken_rule_is_named(
    trace: AttentionTrace, name: str, change: Callable[[Any], None], said: str
) -> None:
    changed = trace.tensors()[name].copy()
    change(changed)
    with pytest.raises(AhasdError, match=said):
        replace(trace, **{name: changed})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("page", 0, "page is 0"),
        ("budget", 4, "budget 4 is below a page"),
        ("mode", "beam", "must be 'greedy' or 'sampled'"),
        ("temperature", float("nan"), "must be finite"),
        ("format_version", 2, "version 2 is not supported"),
    ],
)
def test_headers_make_sense(trace: AttentionTrace, field: str, value: object, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        replace(trace.header, **{field: value})  # type: ignore[arg-type]


def test_shapes_must_fit_each_other(trace: AttentionTrace) -> None:
    with pytest.raises(
        AhasdError, match="one for each of 4 key-value heads, or for each of their 8 query heads"
    ):
        replace(trace, chosen=trace.chosen[:, :, :3])
    with pytest.raises(AhasdError, match="T×L×S×K"):
        replace(trace, chosen=trace.chosen[0])
    with pytest.raises(AhasdError, match="dtype int64"):
        replace(trace, context=trace.context.astype(np.int64))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("synthetic-attention:zipff=1", "Did you mean 'zipf'"),
        ("synthetic-attention:zipf=x", "must be a number"),
        ("synthetic-attention:page=1.5", "must be an integer"),
        ("synthetic-attention:page=8,page=8", "given twice"),
        ("synthetic-attention:repeat=2", "repeat is 2.0"),
        ("synthetic-attention:steps=0", "steps is 0"),
        ("synthetic-attention:context=100000000", "more than the"),
        ("none.safetensors", "no such file"),
    ],
)
def test_what_makes_no_trace_is_refused(text: str, said: str) -> None:
    with pytest.raises((AhasdError, UnknownNameError), match=said):
        resolve_attention(text)


def test_the_words_of_a_made_up_trace_make_it_again() -> None:
    assert parse_synthetic(str(SMALL)).sha256 == synthesize(SMALL).sha256


def test_statistics_are_those_of_how_pages_were_drawn() -> None:
    drawn = "synthetic-attention:layers=2,heads=4,steps=40,context=1088,page=16,budget=128,sink=16,recent=64,zipf=0"
    kept, anew = (attention_statistics(resolve_attention(f"{drawn},repeat={repeat}")) for repeat in (1, 0))
    # 63 to 65 pages between; 8 of them are read.
    for found in (kept, anew):
        assert (found.dense, found.paged, found.streaming) == (0, 4, 4)
        assert found.chosen == pytest.approx(8 / 64, rel=0.03)
    assert kept.again == 1
    assert kept.touched == pytest.approx(8 / 65)
    assert anew.again == pytest.approx(8 / 64, abs=0.05)
    assert anew.touched is not None
    assert anew.touched > 0.95


def test_statistics_of_a_trace_whose_heads_choose_nothing() -> None:
    found = attention_statistics(
        resolve_attention("synthetic-attention:layers=1,heads=2,steps=2,streaming=1")
    )
    assert (found.paged, found.chosen, found.again, found.touched) == (0, None, None, None)
