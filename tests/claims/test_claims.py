"""The ledger of claims: what is in it, how a figure is judged, and what the energy constants' ranges do to it."""

from itertools import product

import pytest

from ahasd import simulate
from ahasd.claims.ahasd.axes import GPU_AXIS, READING_AXIS
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.roles import on_gpu, on_lpddr5
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.ledger import all_claims, claims_named
from ahasd.claims.measuring.energy_ranges import Scale, component_scales
from ahasd.claims.measuring.figures import Figures
from ahasd.claims.measuring.known_runs import KnownRuns, Runs, identity
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import acceptance, energy, memory_power, npu_power, pim_share, speed
from ahasd.claims.measuring.value import Value
from ahasd.claims.verdict import Band, ClaimVerdict, around, below, overall
from ahasd.errors import UnknownNameError
from ahasd.hardware.preset.preset import load_preset

HOLDS, HOLDS_IF, OPEN, NOT, UNTESTABLE = (
    ClaimVerdict.HOLDS,
    ClaimVerdict.HOLDS_IF,
    ClaimVerdict.OPEN,
    ClaimVerdict.DOES_NOT_HOLD,
    ClaimVerdict.NOT_TESTABLE,
)

#: The figures that the issue of the ledger lists, by how they are written.
LISTED = {
    "ahasd-gpu-throughput": ["2.2x", "2.7x", "3.4x", "3.8x", "4.2x"],
    "ahasd-gpu-energy": ["1.9x", "2.6x", "4.5x", "5.2x", "5.6x"],
    "ahasd-specpim": ["1.5x", "1.24x"],
    "ahasd-npu-throughput": ["2.20x", "3.10x"],
    "ahasd-npu-energy": ["0.64x", "0.48x"],
    "ahasd-npu-lpddr5-power": ["1.90x", "2.00x"],
    "ahasd-npu-npu-power": ["1.10x", "1.15x"],
    "ahasd-acceptance": ["-25.1 %", "+24.6 %"],
    "ahasd-edc-gain": ["+33 %", "under 10 %"],
    "ahasd-pim-share": ["12.3%", "84.2%"],
    "ahasd-switching": ["below 1 us"],
    "ahasd-repository": ["45.2 tokens/s", "0.193 tokens/mJ"],
    "ahasd-area": ["0.05 mm2", "0.03 mm2", "0.01 mm2", "1.25 mm2", "2.68 %"],
    "amusd": ["1.24x", "1.57x", "1.06x", "1.31x"],
    "specpim": ["1.52x", "2.02x", "6.67x", "2.68x"],
    "ordering": ["-13.4 %", "better"],
    "specasr-over": ["1.25x", "1.84x", "3.04x", "3.79x"],
    "specasr-accepted": ["94.4 %"],
    "specasr-steps": ["-74.1 %"],
    "privquant-bytes": ["11x", "2.5x", "2.8x"],
    "privquant-latency": ["8.7x", "1.8x", "2.4x"],
}


@pytest.mark.parametrize("beginning", LISTED)
def test_every_figure_that_is_asked_for_is_in_the_ledger(beginning: str) -> None:
    found = [claim.published for claim in all_claims() if claim.name.startswith(f"{beginning}")]
    assert sorted(found) == sorted(LISTED[beginning])


def test_ids_are_unique_and_every_claim_is_measured_or_says_why_not() -> None:
    claims = all_claims()
    assert len({claim.name for claim in claims}) == len(claims)
    for claim in claims:
        assert (claim.measurement is None) == bool(claim.untestable), claim.name
        assert (claim.measurement is None) == (claim.band is None), claim.name
        said = [condition.said for condition in claim.alternatives]
        assert len(set(said)) == len(said), claim.name
        assert all(said), claim.name


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'ahasd-switching'"):
        claims_named(["ahasd-swiching"])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.95, 1.05, HOLDS),
        (0.9, 1.1, HOLDS),
        (0.8, 1.0, OPEN),
        (1.0, 1.2, OPEN),
        (0.5, 2.0, OPEN),
        (1.1, 1.2, OPEN),
        (0.5, 0.89, NOT),
        (1.11, 5.0, NOT),
    ],
)
def test_an_interval_is_inside_the_band_outside_or_across_its_end(
    low: float, high: float, expected: ClaimVerdict
) -> None:
    assert Band(0.9, 1.1).judge(Value((low + high) / 2, low, high)) is expected


def test_a_figure_is_met_within_a_tenth_and_a_limit_without_tolerance() -> None:
    assert around(2.0).judge(Value(1.81, 1.81, 1.81)) is HOLDS
    assert around(2.0).judge(Value(1.79, 1.79, 1.79)) is NOT
    assert below(1.1).judge(Value(-5.0, -5.0, -5.0)) is HOLDS
    assert below(1.1).judge(Value(1.1001, 1.1001, 1.1001)) is NOT


@pytest.mark.parametrize(
    ("base", "others", "capped", "expected"),
    [
        (HOLDS, [NOT, OPEN], False, HOLDS),
        (HOLDS, [HOLDS], True, HOLDS_IF),
        (NOT, [NOT, HOLDS], False, HOLDS_IF),
        (OPEN, [HOLDS], True, HOLDS_IF),
        (OPEN, [NOT], False, OPEN),
        (NOT, [OPEN], False, OPEN),
        (NOT, [NOT], True, NOT),
        (NOT, [], True, NOT),
        (UNTESTABLE, [UNTESTABLE], False, UNTESTABLE),
        (UNTESTABLE, [HOLDS], False, HOLDS_IF),
        (UNTESTABLE, [NOT], False, NOT),
    ],
)
def test_verdicts_of_the_conditions_add_up(
    base: ClaimVerdict, others: list[ClaimVerdict], capped: bool, expected: ClaimVerdict
) -> None:
    assert overall(base, others, capped) is expected


def test_what_cannot_be_refuted_holds_if_or_is_not_testable() -> None:
    assert overall(NOT, [NOT], True, refutable=False) is UNTESTABLE
    assert overall(OPEN, [NOT], True, refutable=False) is UNTESTABLE
    assert overall(NOT, [HOLDS], True, refutable=False) is HOLDS_IF
    assert overall(HOLDS, [NOT], True, refutable=False) is HOLDS_IF


def test_combinations_are_those_of_every_axis_without_the_default() -> None:
    found = combinations(AS_RUN, READING_AXIS, GPU_AXIS)
    assert len(found) == len(READING_AXIS) * len(GPU_AXIS) - 1
    assert all(not condition.spans_ranges for condition in found)
    both = next(c for c in found if c.said == "PIM read as rank-both, GPU in FP16")
    assert (both.reading, both.gpu.bits) == ("rank-both", 16)


def known(runs: dict[str, Runs]) -> KnownRuns:
    """Known runs that answers for a role that asks for its own name."""
    known_runs = KnownRuns()
    known_runs._known.update({identity({"name": name}): of_name for name, of_name in runs.items()})
    return known_runs


def ratio(**options: object) -> Ratio[AhasdCondition]:
    def asked(name: str) -> object:
        return lambda condition, pair, algorithm: {"name": f"{name} {pair}"}

    return Ratio(energy, asked("ours"), asked("theirs"), **options)  # type: ignore[arg-type]


def run(**joules: float) -> Figures:
    return Figures(2.0, joules, {"verified": 0.5, "drafted": 0.25}, {"pim": 0.2, "npu": 0.6})


def test_the_corners_of_the_energy_constants_are_outermost_by_hand() -> None:
    """(2 a + b) / (a + 2 b) grows with a and falls with b: the corners are (4, 1/2) and (1/2, 2)."""
    scales = {"dram_offchip": Scale("a", 0.5, 4.0), "npu_static": Scale("b", 0.5, 2.0)}
    runs = {
        "ours x": Runs((run(dram_offchip=2.0, npu_static=1.0),), scales),
        "theirs x": Runs((run(dram_offchip=1.0, npu_static=2.0),), scales),
    }
    draws = ratio(cells=(("x", ""),)).draws(known(runs), AS_RUN)
    assert draws.nominal == (1.0,)
    assert draws.highest == pytest.approx(((2 * 4 + 0.5) / (4 + 2 * 0.5),))
    assert draws.lowest == pytest.approx(((2 * 0.5 + 2) / (0.5 + 2 * 2),))
    fixed = ratio(cells=(("x", ""),)).draws(known(runs), AhasdCondition(spans_ranges=False))
    assert fixed.lowest == fixed.nominal == fixed.highest


def test_the_mean_is_over_cells_seed_by_seed_and_the_peak_is_one_cell() -> None:
    amounts = {"x": [(2.0, 1.0), (4.0, 1.0)], "y": [(9.0, 3.0), (3.0, 3.0)]}
    runs = {
        f"{who} {cell}": Runs(tuple(run(gpu=seed[index]) for seed in seeds), {})
        for cell, seeds in amounts.items()
        for index, who in enumerate(("ours", "theirs"))
    }
    cells = (("x", ""), ("y", ""))
    assert ratio(cells=cells).draws(known(runs), AS_RUN).nominal == (2.5, 2.5)
    assert ratio(cells=cells, over="peak").draws(known(runs), AS_RUN).nominal == (2.0, 4.0)
    geometric = ratio(cells=cells, over="geometric").draws(known(runs), AS_RUN).nominal
    assert geometric == pytest.approx((6**0.5, 2.0))
    efficient = ratio(cells=(("x", ""),), inverse=True).draws(known(runs), AS_RUN)
    assert efficient.nominal == (0.5, 0.25)


def test_quantities_take_their_part_of_a_run() -> None:
    figures = run(dram_offchip=3.0, aau=1.0, npu_static=2.0, gpu=7.0)
    assert sum(speed(figures, AS_RUN).values()) == 2.0
    assert sum(energy(figures, AS_RUN).values()) == 13.0
    assert sum(memory_power(figures, AS_RUN).values()) == 8.0
    assert sum(npu_power(figures, AS_RUN).values()) == 4.0
    assert sum(pim_share(figures, AS_RUN).values()) == pytest.approx(0.25)
    counted = [acceptance(figures, AhasdCondition(counting=how)) for how in ("verified", "drafted")]
    assert counted == [{"acceptance": 0.5}, {"acceptance": 0.25}]


def test_scaled_components_are_what_a_run_with_that_constant_draws() -> None:
    """The shortcut that saves runs against the runs: every constant of the platform, at the end of its range."""
    preset = load_preset("module-mac")
    given = {"trace": "synthetic:acceptance=0.8,auc=0.7,positions=400", "tokens": 24}
    nominal = simulate(**given).energy_j
    scales = component_scales(preset)
    single = {"energy.npu_mac_pj": ["npu_compute"], "energy.npu_static_mw": ["npu_static"]}
    single["energy.offchip_pj_per_bit"] = ["dram_offchip"]
    single["energy.vector_operation_pj"] = ["npu_vector", "aau"]
    for (key, components), end in product(single.items(), (0, 1)):
        drawn = simulate(**given, set=(f"{key}={preset.ranges[key][end]}",)).energy_j
        for component in components:
            factor = (scales[component].low, scales[component].high)[end]
            # Rows that are opened to append are counted with the off-chip energy: below a per cent of it.
            assert drawn[component] == pytest.approx(factor * nominal[component], rel=0.01), component


def test_constants_of_the_memory_reach_plain_lpddr5_and_nothing_else_does() -> None:
    condition = AhasdCondition(set=("energy.npu_mac_pj=0.1", "pim.clock_ghz=1", "system.ideal_gating=true"))
    assert on_lpddr5(condition, "p", "adaedl")["set"] == ("energy.npu_mac_pj=0.1",)
    assert on_gpu(condition, "p", "adaedl")["set"] == ("gpu.offload=true",)


def test_calibration_is_asked_of_those_algorithms_that_have_it() -> None:
    condition = AhasdCondition(algorithm=":calibrated=4")
    assert on_lpddr5(condition, "p", "svip")["algorithm"] == "svip:calibrated=4"
    assert on_lpddr5(condition, "p", "banditspec-ucb")["algorithm"] == "banditspec-ucb"


def test_a_bit_on_the_bus_costs_what_the_condition_says() -> None:
    costly = AhasdCondition(offchip_pj_per_bit=20.0)
    assert costly.energy_factor("dram_offchip", 4.0) == 5.0
    assert costly.energy_factor("npu_compute", 4.0) == 1.0
    assert costly.energy_factor("dram_offchip", None) == 1.0
    assert AS_RUN.energy_factor("dram_offchip", 4.0) == 1.0


def test_a_papers_conditions_are_of_its_own_kind() -> None:
    for claim in all_claims():
        assert len({type(condition) for condition in claim.conditions}) <= 1, claim.name
        assert bool(claim.conditions) == (claim.measurement is not None), claim.name


def test_claims_are_plain_data() -> None:
    first, again = all_claims(), all_claims()
    assert [claim.name for claim in first] == [claim.name for claim in again]
    assert all(isinstance(claim, Claim) for claim in first)
