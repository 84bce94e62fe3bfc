"""A published figure is what the ledger judges and what stands beside our tables."""

import pytest

from ahasd.claims.ahasd.published import OVER_GPU, OVER_NPU, PIM_SHARES
from ahasd.claims.ledger import claims_named
from ahasd.claims.published import PublishedChange, PublishedRatio
from ahasd.claims.published_means import published_mean
from ahasd.claims.verdict import around
from ahasd.systems.suites import PAIRS


@pytest.mark.parametrize(
    "ratio", [*OVER_NPU, *OVER_GPU], ids=lambda ratio: f"{ratio.system}-{ratio.reference}"
)
def test_the_ledger_and_the_tables_read_one_figure(ratio: PublishedRatio) -> None:
    suffixes = {"npu-pim-async": "async", "npu-pim-async+aau": "aau", "npu-pim-async+aau+edc": "edc"}
    suffix = suffixes.get(ratio.system, "ahasd" if ratio.reference == "npu" else "tvc")
    names = [f"ahasd-{ratio.reference}-{kind}-{suffix}" for kind in ("throughput", "energy")]
    throughput, energy = sorted(claims_named(names), key=lambda claim: names.index(claim.name))
    beside = published_mean(PAIRS[0], ratio.system, ratio.reference)
    assert beside is not None
    assert throughput.band == around(beside.throughput)
    # Against the GPU the paper gives an efficiency, which our tables show as energy per token.
    given = beside.energy if ratio.reference == "npu" else 1 / beside.energy
    assert energy.band is not None
    assert energy.band.low == pytest.approx(around(given).low)
    assert throughput.source == energy.source == beside.source


def test_means_say_nothing_of_other_pairs_systems_or_of_runs_without_drafts() -> None:
    assert published_mean("qwen2.5-0.5b:qwen2.5-7b", "ahasd", "npu") is None
    assert published_mean(PAIRS[0], "specpim", "npu") is None
    assert published_mean(PAIRS[0], "npu", "npu") is None
    assert published_mean(PAIRS[0], "ahasd", "npu", speculates=False) is None


@pytest.mark.parametrize(
    ("percent", "text", "ratio"), [(-25.1, "-25.1 %", 0.749), (33, "+33 %", 1.33), (0.5, "+0.5 %", 1.005)]
)
def test_a_change_is_written_in_per_cent_and_judged_as_a_ratio(
    percent: float, text: str, ratio: float
) -> None:
    change = PublishedChange(percent, "a paper")
    assert change.text == text
    assert change.ratio == pytest.approx(ratio)


def test_every_share_of_the_pim_is_a_claim() -> None:
    (opt, llama) = claims_named([f"ahasd-pim-share-{name}" for name in PIM_SHARES])
    assert (opt.published, llama.published) == ("12.3%", "84.2%")
