"""Routing of other programs: all forms say the same of the same tokens, and what is none of them is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.traces.routing.importing.import_routing import import_routing

#: Tokens × layers × experts, the highest score first.
CHOSEN = [[[3, 1], [0, 2]], [[1, 0], [2, 3]], [[2, 3], [2, 0]], [[0, 1], [3, 1]]]
SCORES = [[[0.6, 0.4], [0.5, 0.25]], [[0.5, 0.25], [0.75, 0.125]], [[0.5, 0.25]] * 2, [[0.25, 0.125]] * 2]


def moe_trace(prefix: int) -> str:
    """Layers of a prefix come one after the other, then tokens."""
    lines = [
        f"{token - prefix},{7 + layer},{','.join(map(str, CHOSEN[token][layer]))}"
        for layer in range(2)
        for token in range(prefix)
    ]
    lines += [
        f"{token - prefix},{7 + layer},{','.join(map(str, CHOSEN[token][layer]))}"
        for token in range(prefix, 4)
        for layer in range(2)
    ]
    return "\n".join(lines) + "\n"


def route_trace(prefix: int) -> str:
    lines, call = [], 0
    passes = [list(range(prefix))] if prefix else []
    for tokens in passes + [[token] for token in range(prefix, 4)]:
        for layer in range(2):
            for row, token in enumerate(tokens):
                pairs = zip(CHOSEN[token][layer], SCORES[token][layer], strict=True)
                lines.append(
                    f"{call} {row} {7 + layer} " + " ".join(f"{one}:{gate:.4f}" for one, gate in pairs)
                )
            call += 1
    return "\n".join(lines)


def lattice() -> str:
    return "\n".join(
        json.dumps(
            {
                "layer_idx": 7 + layer,
                "token_idx": token,
                "selected_ids": CHOSEN[token][layer][::-1],
                "gate_weights": SCORES[token][layer][::-1],
            }
        )
        for layer in (1, 0)
        for token in (2, 0, 3, 1)
    )


@pytest.mark.parametrize(
    ("form", "prefix", "scored"), [("csv", 2, False), ("calls", 2, True), ("lines", 0, True)]
)
def test_all_forms_say_the_same(tmp_path: Path, form: str, prefix: int, scored: bool) -> None:
    text = {"csv": moe_trace(prefix), "calls": route_trace(prefix), "lines": lattice()}[form]
    (tmp_path / "some-model.txt").write_text(text, encoding="utf-8")
    trace = import_routing(str(tmp_path / "some-model.txt"))
    np.testing.assert_array_equal(trace.chosen, np.array(CHOSEN))
    assert trace.header.layers == (7, 8)
    assert trace.header.model == "some-model"
    assert trace.experts == 4
    assert trace.written.tolist() == [token >= prefix for token in range(4)]
    if scored:
        assert trace.scores is not None
        np.testing.assert_allclose(trace.scores, np.array(SCORES), atol=1e-3)
        np.testing.assert_array_equal(trace.ids, trace.chosen)  # type: ignore[arg-type]
    else:
        assert trace.scores is None


def test_parquet_files_of_layers_are_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    for layer in range(2):
        table = arrow.table(
            {
                "scores": [token[layer] for token in SCORES],
                "indices": arrow.array([token[layer] for token in CHOSEN], arrow.list_(arrow.int16())),
            }
        )
        parquet.write_table(table, tmp_path / f"layer_{7 + layer:02}.parquet")
    trace = import_routing(str(tmp_path), experts=64)
    np.testing.assert_array_equal(trace.chosen, np.array(CHOSEN))
    assert trace.experts == 64
    assert trace.header.layers == (7, 8)


def test_a_second_prompt_begins_where_tokens_are_given_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(moe_trace(2) + moe_trace(3), encoding="utf-8")
    trace = import_routing(str(tmp_path / "a.csv"))
    assert trace.prompt_start.tolist() == [0, 4, 8]
    assert trace.continuation_start.tolist() == [2, 7]


def test_a_run_that_was_cut_off_loses_its_last_token(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(moe_trace(2).rsplit("\n", 2)[0], encoding="utf-8")
    assert import_routing(str(tmp_path / "a.csv")).tokens == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello\n", "is no routing that is known here"),
        ("0,1,2\n0,x,2\n", "line 2 is no row"),
        ("5,3\n", "counts alone"),
        ("0,1,2,3\n1,1,2\n", "tokens take 1 or 2 experts"),
        ("0 0 1 2:0.5\n0 0 1 2\n", "line 2 is no row 'call row layer"),
        ('{"layer_idx": 0}\n', "line 1: token_idx must be a whole number"),
        ('{"layer_idx": 0, "token_idx": 0, "selected_ids": [1], "gate_weights": []}', "gate_weights must be"),
        ("0,1,2,-3\n", "experts must have numbers from 0"),
        ("0,1,2,2\n", "stands twice"),
    ],
)
def test_what_is_no_routing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(AhasdError, match=said):
        import_routing(str(tmp_path / "a.txt"))


def test_more_experts_than_were_said_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(moe_trace(0), encoding="utf-8")
    with pytest.raises(AhasdError, match="names expert 3, and --experts 3 has them from 0 to 2"):
        import_routing(str(tmp_path / "a.csv"), experts=3)
