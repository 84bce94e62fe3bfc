"""The sentence about batches: where drafting pays, and where it stops."""

import pytest

from ahasd.benchmarking.benchmark import REFERENCE, Spread
from ahasd.report.batches import batches_sentence

pytest.importorskip("torch")


def figures(speedups):
    from ahasd.benchmarking.batches import BatchFigures, BatchWay

    rate = Spread(100.0, 90.0, 110.0)
    rows = []
    for size, speedup in speedups.items():
        rows.append(BatchFigures(BatchWay(REFERENCE), size, rate, Spread(1.0, 1.0, 1.0), 1.0, 0))
        if speedup is not None:
            way = BatchWay("speculative", "fixed:2")
            rows.append(BatchFigures(way, size, rate, Spread(speedup, speedup, speedup), 2.0, 0))
            chosen = BatchWay("speculative", "fixed:2", always_draft=False)
            rows.append(BatchFigures(chosen, size, rate, Spread(9.0, 9.0, 9.0), 2.0, 0))
    return rows


@pytest.mark.parametrize(
    ("speedups", "begins"),
    [
        (
            {1: 1.3, 4: 1.1, 16: 0.7},
            "Drafting pays up to batches of 4 and no more with 16: at best 1.30x with 1",
        ),
        ({1: 1.3, 16: 1.2}, "Drafting pays in all of these batches: "),
        ({1: 1.01, 16: 0.8}, "Drafting does not pay in any of these batches: "),
        ({1: 0.9, 4: 1.2, 16: 0.9}, "Drafting pays in batches of 4 only: "),
        ({1: None, 16: None}, "The target alone writes 100.0 tokens/s in batches of 16; no method drafts."),
    ],
)
def test_the_sentence(speedups, begins):
    assert batches_sentence(figures(speedups)).startswith(begins)
