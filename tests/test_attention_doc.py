"""The table of docs/attention.md is what the model says."""

import re
from pathlib import Path

import pytest

from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.place import place
from ahasd.sparse_attention.plan.decomposition import decompose
from ahasd.sparse_attention.step.decode_step import DecodeStep, decode_step

PAGE = (Path(__file__).parent.parent / "docs" / "attention.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+k) \| (\d+) \|(.*)\|$", PAGE, re.MULTILINE)


def _step(system: str, mapping: str, context: str, page: int) -> DecodeStep:
    asked = SparseAttentionConfiguration.checked(
        system=system, context=context, page=page, tokens=1, set=(f"system.mapping={mapping}",)
    )
    placed = place(asked)
    return decode_step(placed.attention, placed.device, 1, placed.contexts[0])


@pytest.mark.parametrize(("context", "page", "factors"), ROWS)
def test_a_row_is_what_a_plan_says(context: str, page: str, factors: str) -> None:
    dense = _step("dense-bonded", "head-groups", context, int(page))
    plain, asked = (_step("h2eal", mapping, context, int(page)) for mapping in ("head-groups", "co-placed"))
    parts = decompose(dense, plain, asked)
    said = [float(text) for text in re.findall(r"([\d.]+)x", factors)]
    found = [
        parts.sparsity,
        parts.plainly_mapped,
        parts.balance,
        parts.overheads,
        parts.attention,
        parts.attention_joules,
        parts.step,
    ]
    assert said == pytest.approx(found, rel=0.02)


def test_the_table_has_the_contexts_and_pages_of_the_sketch() -> None:
    assert {(context, page) for context, page, _ in ROWS} >= {
        (c, p) for c in ("8k", "32k", "128k") for p in ("16", "64")
    }
