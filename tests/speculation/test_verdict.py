"""What is best here, in fields and in a sentence."""

import pytest

from ahasd import simulate
from ahasd.family.result import Baseline, Verdict, Way
from ahasd.speculation.results import SpeculationSection
from ahasd.speculation.verdict import verdict

NPU = Baseline(name="npu-autoregressive", device="npu", tokens_per_second=4.0, joules_per_token=0.5)


@pytest.fixture(scope="module")
def section() -> SpeculationSection:
    return simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16).speculation


def compared(
    section: SpeculationSection,
    speedup: float,
    break_even: float | None = 0.42,
    always: bool | None = False,
    pim: float = 1.0,
    pim_joules: float = 0.25,
    joules: float = 0.375,
) -> Verdict:
    asked = Way(name="asked", tokens_per_second=4.0 * speedup, joules_per_token=joules)
    numbers = {"break_even_acceptance": break_even, "always_pays": always, "draft_acceptance_rate": 0.71}
    in_memory = Baseline(
        name="pim-autoregressive", device="pim", tokens_per_second=pim, joules_per_token=pim_joules
    )
    return verdict(asked, NPU, [in_memory], section.model_copy(update=numbers))


def test_it_pays(section: SpeculationSection) -> None:
    assert compared(section, 1.5).sentence == (
        "Best here: asked (asked for): 6 tokens/s, 0.375 J/token, 1.50x as fast as and 0.75x the energy of the "
        "target alone on the NPU (4 tokens/s, 0.5 J/token). Least energy: the target alone on the PIM ranks: "
        "1 tokens/s, 0.25 J/token, 6.00x slower. Speculation pays: it does so from an acceptance rate of about 0.42 "
        "on; here it is 0.71."
    )


def test_it_does_not_pay(section: SpeculationSection) -> None:
    said = compared(section, 0.8, None).sentence
    assert said.startswith(
        "Best here: the target alone on the NPU: 4 tokens/s, 0.5 J/token, 1.25x as fast as and 1.33x the energy of "
        "asked (3.2 tokens/s, 0.375 J/token)."
    )
    assert said.endswith("Speculation does not pay here: it would at no acceptance rate.")


def test_it_always_pays(section: SpeculationSection) -> None:
    assert compared(section, 2.0, None, True).sentence.endswith(
        "Speculation pays: it does so at any acceptance rate."
    )


def test_what_is_faster_elsewhere_is_said_first(section: SpeculationSection) -> None:
    """The run is held against the best, then against its own baseline."""
    said = compared(section, 1.5, pim=7.0, break_even=0.9).sentence
    assert said.startswith(
        "Best here: the target alone on the PIM ranks: 7 tokens/s, 0.25 J/token, 1.17x as fast as"
    )
    assert (
        "does not pay here, though it is 1.50x as fast as the target alone on the NPU: it would from" in said
    )
    slower = compared(section, 0.5, pim=7.0, break_even=0.9).sentence
    assert "does not pay here; it is 0.50x as fast as the target alone on the NPU: it would from" in slower


def test_equally_fast_is_neither_a_gain_nor_a_loss(section: SpeculationSection) -> None:
    said = compared(section, 1.5, pim=6.03).sentence
    assert "6.03 tokens/s, 0.25 J/token, as fast as and 0.67x the energy of asked" in said
    assert "Speculation breaks even here; it is 1.50x as fast as the target alone on the NPU" in said


def test_a_run_that_the_search_contradicts_is_close_to_its_break_even(section: SpeculationSection) -> None:
    assert compared(section, 1.5, break_even=0.73).sentence.endswith(
        "Speculation pays: it is close to its break-even, an acceptance rate of about 0.73; here it is 0.71."
    )
    assert compared(section, 0.97, None, True).sentence.endswith("Speculation does not pay here.")
    assert compared(section, 1.02, None, False).sentence.endswith("Speculation pays.")


def test_without_another_device_there_is_nothing_to_compare() -> None:
    alone = simulate(system="gpu-autoregressive", tokens=16).verdict
    assert alone.sentence.startswith("The target alone on the GPU: ")
    assert alone.sentence.endswith(
        "Nothing else was compared: this hardware has no other device that holds it."
    )
    assert (alone.best, alone.pays, alone.alternatives) == ("gpu-autoregressive", True, [])


def test_what_pays_is_the_best_of_all_or_within_a_hundredth_of_it(section: SpeculationSection) -> None:
    assert compared(section, 1.5).best == "asked"
    assert compared(section, 1.5).pays
    faster = compared(section, 1.5, pim=7.0)
    assert (faster.best, faster.pays) == ("pim-autoregressive", False)
    assert compared(section, 1.5, pim=6.05).pays
    assert not compared(section, 1.5, pim=6.1).pays


def test_ratios_are_to_the_fastest_plain_way(section: SpeculationSection) -> None:
    found = compared(section, 1.5, pim=8.0)
    assert found.speedup_over_best_alone == pytest.approx(6 / 8)
    assert found.joules_ratio == pytest.approx(0.375 / 0.25)
    assert compared(section, 1.5, pim=8.0, pim_joules=0.0).joules_ratio is None


def test_the_most_frugal_way_is_named_where_it_is_not_the_fastest(section: SpeculationSection) -> None:
    assert compared(section, 1.5).best_by_energy == "pim-autoregressive"
    assert compared(section, 1.5, pim_joules=0.4).best_by_energy is None


def test_alternatives_are_all_other_ways(section: SpeculationSection) -> None:
    assert [way.name for way in compared(section, 1.5).alternatives] == [
        "npu-autoregressive",
        "pim-autoregressive",
    ]


def test_a_plain_way_is_compared_with_the_others() -> None:
    """LLaMA2-13B alone decodes faster in memory than on the NPU of AHASD's platform, and fastest on both."""
    alone = simulate(system="npu-autoregressive", tokens=16)
    assert alone.verdict.best == "npu+pim-autoregressive"
    assert not alone.verdict.pays
    assert alone.verdict.speedup_over_best_alone is None
    in_memory = simulate(system="pim-autoregressive", tokens=16)
    assert in_memory.verdict.best == "npu+pim-autoregressive"
    assert in_memory.tokens_per_second > alone.tokens_per_second
    other, both = in_memory.verdict.alternatives
    assert other.tokens_per_second == pytest.approx(alone.tokens_per_second)
    together = simulate(system="npu-pim-split", algorithm="none", tokens=16)
    assert both.tokens_per_second == pytest.approx(together.tokens_per_second)
    assert together.verdict.pays


@pytest.mark.parametrize(
    ("system", "why"),
    [
        ("clairvoyant", "its control knows what the target will accept"),
        ("ahasd-ideal", "conflicts are switched off"),
    ],
)
def test_a_bound_says_that_it_cannot_be_built(system: str, why: str) -> None:
    found = simulate(system=system, tokens=16)
    assert found.speculation.bound == why
    assert found.verdict.sentence.endswith(f"{system} is a bound, no machine that can be built: {why}.")
    built = simulate(system="ahasd", tokens=16)
    assert built.speculation.bound == ""
    assert "bound" not in built.verdict.sentence
