"""Runs and plans of the family, and what they refuse."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.sparse_attention.balance.mappings import MAPPINGS
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.context_size import context_size
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.plan.plan import AttentionPlan, plan_attention
from ahasd.sparse_attention.result import SparseAttentionResult
from ahasd.sparse_attention.system import SYSTEMS
from ahasd.systems.simulate import simulate
from ahasd.traces.attention.shipped import load_shipped_attention

SPARSE = ("quest-bonded", "duo-bonded", "h2eal")


@cache
def run(system: str, *changes: str, **values: Any) -> SparseAttentionResult:
    usual = {} if "attention" in values else {"context": "8k", "tokens": 2}
    result = simulate(**{"system": system, "set": changes, **usual, **values})
    assert isinstance(result, SparseAttentionResult)
    return result


@cache
def planned(**values: Any) -> AttentionPlan:
    return plan_attention(SparseAttentionConfiguration.checked(**{"context": "32k", "tokens": 2, **values}))


@pytest.mark.parametrize("system", SYSTEMS.names)
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_times_and_energy_add_up(system: str, mapping: str) -> None:
    result = run(system, f"system.mapping={mapping}")
    part = result.sparse_attention
    assert result.tokens == 2
    assert result.seconds == pytest.approx(2 * (part.attention_s + part.other_s))
    assert part.attention_s == pytest.approx(sum(part.phases_s.values()))
    assert result.joules_per_token == pytest.approx(sum(result.energy_j.values()) / 2)
    assert result.energy_report is not None
    drawn = result.energy_report.dynamic_j + result.energy_report.static_j
    assert drawn == pytest.approx(sum(result.energy_j.values()))
    assert part.dense_heads + part.paged_heads + part.streaming_heads == 256
    assert all(0 <= shares.busy <= 1 for shares in result.devices.values())


@pytest.mark.parametrize("system", SYSTEMS.names)
def test_the_frozen_configuration_gives_the_same_result(system: str) -> None:
    first = run(system)
    again = simulate(**first.reproduce)
    assert again.model_dump(exclude={"reproduce"}) == first.model_dump(exclude={"reproduce"})


def test_heads_are_what_their_systems_say() -> None:
    counts = {name: run(name).sparse_attention for name in SYSTEMS.names}
    assert counts["dense-bonded"].dense_heads == counts["helios-like"].dense_heads == 256
    assert (counts["quest-bonded"].dense_heads, counts["quest-bonded"].paged_heads) == (16, 240)
    assert (counts["duo-bonded"].dense_heads, counts["duo-bonded"].streaming_heads) == (128, 128)
    assert (counts["h2eal"].paged_heads, counts["h2eal"].streaming_heads) == (128, 128)


def test_sparse_systems_beat_dense_ones_and_h2eal_beats_its_parts() -> None:
    seconds = {name: run(name, context="64k").sparse_attention.attention_s for name in SYSTEMS.names}
    assert all(seconds[name] <= 1.01 * seconds["dense-bonded"] for name in SPARSE)
    assert seconds["h2eal"] < min(seconds["quest-bonded"], seconds["duo-bonded"])
    verdict = run("h2eal", context="64k").verdict
    assert verdict.best == "h2eal"
    assert {way.name for way in verdict.alternatives} == {"dense-bonded", "helios-like"}


def test_the_seed_draws_the_pages() -> None:
    one, two = (run("h2eal", context="16k", seed=seed).sparse_attention.attention_s for seed in (0, 1))
    assert one != two
    assert one == pytest.approx(two, rel=0.05)
    assert run("dense-bonded", seed=1).seconds == run("dense-bonded").seconds


def test_factors_of_a_plan_multiply_to_the_whole() -> None:
    plan = planned()
    parts = plan.parts
    assert parts.attention == pytest.approx(plan.dense.attention.seconds / plan.step.attention.seconds)
    assert parts.step == pytest.approx(plan.dense.seconds / plan.step.seconds)
    assert parts.sparsity == pytest.approx(parts.fewer_bytes, rel=0.01)
    assert parts.straggler < 0.6, "a group of banks for each head leaves half of them waiting"
    assert parts.balance > 1.6
    assert plan.dense_fits
    assert len(plan.ways) == 17
    best = min((way for way in plan.ways if way.step is not None), key=lambda way: way.step.seconds)  # type: ignore[union-attr]
    assert best.system == "h2eal"


def test_an_answer_is_the_sum_of_its_steps() -> None:
    plan = planned(tokens=4, context="4k")
    whole = run("h2eal", context="4k", tokens=4)
    assert plan.answer.seconds == pytest.approx(whole.seconds, rel=0.01)
    assert plan.answer.joules == pytest.approx(sum(whole.energy_j.values()), rel=0.01)
    dense = run("dense-bonded", context="4k", tokens=4)
    assert plan.dense_answer.joules == pytest.approx(sum(dense.energy_j.values()), rel=0.01)


def test_the_asked_for_way_stands_in_the_table_with_its_options() -> None:
    plan = planned(set=("system.sharing=separate", "system.dense_layers=1"), context="16k")
    (row,) = (way for way in plan.ways if (way.system, way.mapping) == ("h2eal", "co-placed"))
    assert row.step is not None
    assert row.step.seconds == plan.step.seconds


def test_a_dense_plan_gains_nothing_by_its_own_mapping() -> None:
    plan = planned(system="dense-bonded")
    assert plan.parts.step == pytest.approx(1.0)
    assert plan.parts.sparsity == pytest.approx(1.0)


def test_a_million_tokens_fit_eight_devices_and_not_one() -> None:
    million = {"model": "llama-3-8b-gradient-1048k", "context": "1M", "page": 64, "tokens": 1}
    with pytest.raises(
        AhasdError, match=r"does not fit hb-h2llm: weights 15\.0 GiB and caches .*hb-h2llm-x8"
    ):
        run("h2eal", **million)
    assert run("h2eal", hardware="hb-h2llm-x8", **million).sparse_attention.context == 2**20


def test_a_recorded_choice_of_pages_is_replayed() -> None:
    made = "synthetic-attention:layers=32,heads=8,queries=4,steps=3,context=8000"
    even = run("h2eal", attention=made)
    assert even.tokens == 3
    assert even.sparse_attention.context == 8002
    assert any("Made-up attention" in note for note in even.notes)
    # All popularity on a few pages, which lie on a few banks where pages are whole there.
    crowded = run("h2eal", attention=f"{made},zipf=8,repeat=0")
    assert crowded.sparse_attention.attention_bytes == even.sparse_attention.attention_bytes


def test_the_shipped_choice_of_a_real_model_is_read_page_by_page() -> None:
    name = "smollm2-135m-2k"
    trace = load_shipped_attention(name)
    found = run("h2eal", model="smollm2-135m", attention=name)
    assert (found.tokens, found.sparse_attention.context) == (trace.steps, 2040)
    paged = [tuple(at) for at in np.argwhere(trace.classes == HeadClass.PAGED).tolist()]
    streaming = int((trace.classes == HeadClass.STREAMING).sum())
    assert len(paged) == streaming == 45
    tokens = 0
    for step, context in enumerate(trace.context.tolist()):
        between = (context - 192) // 16 - 64 // 16
        chosen = sum(len(trace.pages(step, *at)) for at in paged)
        tokens += 16 * chosen + len(paged) * (context - 15 * between) + streaming * (64 + 192)
    assert found.sparse_attention.attention_bytes == pytest.approx(tokens / trace.steps * 2 * 64 * 2)
    with pytest.raises(AhasdError, match="give --model the trace's own"):
        run("h2eal", attention=name)
    with pytest.raises(AhasdError, match="unknown attention trace 'smollm2'"):
        run("h2eal", attention="smollm2")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"budget": 8}, "budget of 8 tokens is below a page of 16"),
        ({"page": 20, "budget": 2000}, "neither divide a row of 2048 bytes nor fill whole ones"),
        ({"context": "256k"}, "was made for 131072 tokens, and the context would be 262144"),
        (
            {"context": "300", "tokens": 1},
            "sink 128 and recent 256 together are more than the context of 300",
        ),
        ({"context": "1", "tokens": 2}, "more than the context of 1"),
        (
            {"context": "400", "tokens": 200},
            "the first of 200 steps has a context of 201, and sink 128 and recent 256 together are more",
        ),
        ({"context": "12q"}, "context is '12q'"),
        ({"heads": "llama-2-7b-32k"}, "32 layers of 32 key-value heads, and llama-3.1-8b has 32 of 8"),
        ({"heads": "lama"}, "unknown head pattern 'lama'"),
        ({"heads": "./none.tsv"}, "does not exist"),
        ({"hardware": "hb"}, "unknown bonded device 'hb'"),
        ({"model": "no-such"}, "unknown model"),
        ({"set": ("element.units=8",)}, "at most 4 units fit there"),
        ({"set": ("element.input_kib=0.5",)}, "input buffer of hb-h2llm holds 0.5 KiB"),
        ({"set": ("system.mapping=magic",)}, "system.mapping"),
        ({"set": ("system.dense_layers=40",)}, "must be between 0 and the model's 32"),
        ({"batch": 16, "context": "64k"}, "16 x 65536 tokens does not fit hb-h2llm"),
        ({"fidelity": "first-order"}, "leave the option out"),
        ({"attention": "synthetic-attention:layers=2"}, "has 2 layers of 8 key-value heads"),
        (
            {"attention": "synthetic-attention:steps=2", "page": 32},
            "--page 32: the attention trace has page 16",
        ),
        ({"attention": "synthetic-attention:steps=2", "tokens": 5}, "has 2 steps"),
        ({"attention": "synthetic-attention:steps=2", "heads": "even"}, "says which heads stream"),
    ],
)
def test_what_does_not_go_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=re.escape(said)):
        run("h2eal", **values)


def test_traces_of_streaming_heads_are_not_for_systems_without() -> None:
    with pytest.raises(AhasdError, match="some heads of the trace stream"):
        run("quest-bonded", attention="synthetic-attention:steps=1,context=4096")
    with pytest.raises(AhasdError, match=r"system\.sharing=shared"):
        run("h2eal", "system.sharing=separate", attention="synthetic-attention:steps=1,context=4096")


@pytest.mark.parametrize(
    ("system", "changes", "values", "said"),
    [
        (
            "dense-bonded",
            (),
            {"budget": 512, "page": 32},
            "--page and --budget change nothing in dense-bonded",
        ),
        (
            "dense-bonded",
            (),
            {"sink": 64},
            "--sink changes nothing in dense-bonded: every head reads everything",
        ),
        ("duo-bonded", (), {"page": 32}, "--page changes nothing in duo-bonded: no head chooses pages"),
        (
            "quest-bonded",
            (),
            {"streaming": 0.3},
            "--streaming changes nothing in quest-bonded: no head streams",
        ),
        ("h2eal", ("system.tile=64",), {}, "system.tile changes nothing in h2eal: its mapping is co-placed"),
        ("duo-bonded", ("system.sharing=separate",), {}, "system.sharing changes nothing in duo-bonded"),
    ],
)
def test_options_that_change_nothing_are_named(
    system: str, changes: tuple[str, ...], values: dict[str, Any], said: str
) -> None:
    plain, given = run(system), run(system, *changes, **values)
    assert given.seconds == plain.seconds
    assert any(note.startswith(said) for note in given.notes)
    assert not any("nothing in" in note for note in plain.notes)


def test_options_that_a_system_reads_are_not() -> None:
    read = run(
        "h2eal", "system.mapping=tiles", "system.tile=64", page=32, budget=1024, streaming=0.3, sink=64
    )
    assert not any("nothing in" in note for note in read.notes)


def test_models_with_other_layers_are_refused(tmp_path: Path) -> None:
    from ahasd.sparse_attention.step.model_shape import shape_of
    from ahasd.workload.precision import Precision
    from ahasd.workload.zoo import load_model

    windowed = load_model("llama-3.1-8b").model_copy(update={"sliding_window": 4096})
    with pytest.raises(AhasdError, match="attend to the whole text"):
        shape_of(windowed, Precision(16, 16, 16))


def test_contexts_are_read_as_people_write_them() -> None:
    assert [context_size(text) for text in ("8192", "8k", "128K", "1M", " 2m ")] == [
        8192,
        8192,
        131072,
        2**20,
        2**21,
    ]
    for text in ("0", "", "k", "-1", "1.5k", "1e3"):
        with pytest.raises(AhasdError, match="give a number of tokens above 0"):
            context_size(text)


def test_no_dense_layer_lets_h2eal_reach_what_its_abstract_says() -> None:
    plain, two = (
        planned(set=(f"system.dense_layers={count}",), context="128k").parts.attention for count in (0, 2)
    )
    # Two of 32 layers that read everything bound any gain by 16.
    assert two < 16 < plain
    assert np.isfinite(two)
