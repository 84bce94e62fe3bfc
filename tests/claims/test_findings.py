"""What decides a claim, and on which stretch of a parameter it is met."""

from dataclasses import replace

import pytest

from ahasd.claims.ahasd.condition import AS_RUN
from ahasd.claims.amusd.condition import AmusdCondition
from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.findings import Finding, decides, examine, spread, together
from ahasd.claims.ledger import all_claims, claims_named
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.measuring.value import Draws, Value
from ahasd.claims.sensitivity import Sensitivity, sensitivity
from ahasd.claims.sweep import Point, Sweep, meeting
from ahasd.claims.verdict import ClaimVerdict, Judged, around
from ahasd.errors import AhasdError
from ahasd.report.claims.json import ledger_json
from ahasd.report.claims.sensitivity import sentence

CLAIM = Claim("a-claim", "group", "source", "text", "1x", around(1.0))


def judged(mean: float, said: str = "") -> Judged:
    value = Value(mean, mean, mean)
    return Judged(Condition(said), value, around(1.0).judge(value))


def points(*values: tuple[float, float]) -> list[Point]:
    return [Point("", f"{x:g}", x, judged(mean)) for x, mean in values]


def test_a_rising_line_meets_the_figure_between_the_interpolated_ends_of_its_band() -> None:
    (stretch,) = meeting(points((0.0, 0.0), (10.0, 2.0)), CLAIM)
    assert stretch == pytest.approx((4.5, 5.5))


def test_stretches_join_across_a_point_and_part_where_the_line_leaves_the_band() -> None:
    joined = meeting(points((0.0, 0.8), (1.0, 1.0), (2.0, 1.2)), CLAIM)
    assert joined == [pytest.approx((0.5, 1.5))]
    parted = meeting(points((2.0, 1.0), (0.0, 1.0), (1.0, 3.0)), CLAIM)
    assert parted == [pytest.approx((0.0, 0.05)), pytest.approx((1.95, 2.0))]
    assert meeting(points((0.0, 0.0), (1.0, 0.5)), CLAIM) == []


def test_the_conditions_with_the_fewest_changes_are_named_first() -> None:
    others = (judged(1.0, "this, that"), judged(1.05, "those"), judged(3.0, "none of it"))
    assert decides(Finding(CLAIM, ClaimVerdict.HOLDS_IF, judged(2.0), others)) == "if those or this, that"


def test_the_nearest_condition_is_named_where_none_meets_the_figure() -> None:
    others = (judged(1.5, "far"), judged(0.8, "near"))
    said = decides(Finding(CLAIM, ClaimVerdict.DOES_NOT_HOLD, judged(2.0), others))
    assert said == "under none of 3 conditions; nearest: near"


def test_claims_that_hold_under_different_conditions_do_not_hold_at_once() -> None:
    first = Finding(CLAIM, ClaimVerdict.HOLDS_IF, judged(2.0), (judged(1.0, "this"), judged(1.0, "that")))
    second = Finding(CLAIM, ClaimVerdict.HOLDS_IF, judged(2.0), (judged(3.0, "this"), judged(1.0, "that")))
    third = Finding(CLAIM, ClaimVerdict.HOLDS_IF, judged(1.0), ())
    untestable = Finding(CLAIM, ClaimVerdict.NOT_TESTABLE, None, ())
    assert together([first, second, third, untestable]) == ("that", 2, 3)


def test_the_interval_spans_the_corners_and_the_scatter_there() -> None:
    """Student's 0.975 quantile for one degree of freedom is 12.706, times half the distance of two draws."""
    value = spread(Draws((2.0, 2.0), (1.0, 1.2), (3.0, 3.2)))
    assert value.mean == 2.0
    assert value.low == pytest.approx(1.1 - 12.706 * 0.1, rel=1e-3)
    assert value.high == pytest.approx(3.1 + 12.706 * 0.1, rel=1e-3)


def test_what_cannot_run_under_a_condition_says_why_and_the_rest_is_judged() -> None:
    (claim,) = claims_named(["amusd-speculative-humaneval"])
    small = AmusdCondition("too small a GPU", each_gpu=("memory_gib=4",))
    cut = replace(claim, alternatives=(small,))
    (finding,) = examine([cut], KnownRuns(tokens=16, seeds=1))
    assert finding.base is not None
    assert finding.base.value is not None
    assert finding.others[0].value is None
    assert "does not fit" in finding.others[0].refused


def test_what_cannot_be_tested_has_no_sensitivity() -> None:
    (claim,) = claims_named(["privquant-bytes-coinn"])
    with pytest.raises(AhasdError, match="cannot be tested: COINN"):
        sensitivity(claim, KnownRuns())


@pytest.mark.slow
def test_a_figure_on_a_machine_that_is_guessed_refutes_nothing_and_says_so() -> None:
    (claim,) = claims_named(["specpim-energy-gpu"])
    cut = replace(claim, alternatives=claim.alternatives[:1], band=around(1e6))
    (finding,) = examine([cut], KnownRuns(tokens=8, seeds=1))
    assert finding.base is not None
    assert finding.base.verdict is ClaimVerdict.DOES_NOT_HOLD
    assert finding.verdict is ClaimVerdict.NOT_TESTABLE
    assert decides(finding).startswith(
        "its models, scenarios, GPUs, unit counts and references are not public"
    )


def test_a_series_of_points_that_cannot_run_says_so_beside_one_that_flips() -> None:
    (claim,) = claims_named(["ahasd-gpu-throughput-async"])
    claim = replace(claim, parameters=("gpu",), band=around(1.0))
    refused = Judged(Condition("refused"), None, ClaimVerdict.NOT_TESTABLE, "does not fit")
    series = [replace(point, series="8 bits") for point in points((0.0, 0.5), (10.0, 1.5))]
    nowhere = Point("16 bits", "12 GiB", None, refused)
    sweep = Sweep("gpu", "the GPU offloads", "GB", (*series, nowhere))
    said = sentence(Sensitivity(claim, judged(0.5), (sweep,)))
    assert "at 8 bits is met only when the GPU offloads 4 to 6 GB" in said
    assert "at 16 bits can run nowhere" in said
    assert "Not varied: reading, offchip, acceptance, auc" in said


def test_the_json_has_every_claim_with_what_reproduces_it() -> None:
    claims = all_claims()
    document = ledger_json(
        [Finding(claim, ClaimVerdict.NOT_TESTABLE, None, ()) for claim in claims], KnownRuns()
    )
    assert [entry["id"] for entry in document["claims"]] == [claim.name for claim in claims]
    for entry, claim in zip(document["claims"], claims, strict=True):
        assert entry["reproduce"] == f"ahasd claims --only {claim.name}"
        assert entry["source"]
        assert entry["published"] == claim.published


def test_every_parameter_is_swept_and_the_default_is_among_the_readings() -> None:
    (whole,) = claims_named(["ahasd-repository-energy"])
    claim = replace(whole, parameters=("reading", "offchip"))
    found = sensitivity(claim, KnownRuns(tokens=16, seeds=1))
    assert [sweep.parameter for sweep in found.sweeps] == list(claim.parameters)
    of_reading = next(sweep for sweep in found.sweeps if sweep.parameter == "reading")
    as_run = next(point for point in of_reading.points if point.label == AS_RUN.reading)
    assert as_run.judged.value is not None
    assert found.base.value is not None
    assert as_run.judged.value.mean == pytest.approx(found.base.value.mean)
    costs = [
        p.judged.value.mean
        for s in found.sweeps
        if s.parameter == "offchip"
        for p in s.points
        if p.judged.value
    ]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == 10
