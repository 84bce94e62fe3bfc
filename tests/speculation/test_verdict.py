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
        "Speculation pays: 6 tokens/s, 0.375 J/token, 1.50x the target alone on the NPU (4 tokens/s, 0.5 J/token). "
        "It breaks even at an acceptance rate of about 0.42; here it is 0.71."
    )


def test_it_does_not_pay(section: SpeculationSection) -> None:
    said = compared(section, 0.8, None).sentence
    assert said.startswith("Speculation does not pay: ")
    assert said.endswith("No acceptance rate would make it pay.")


def test_it_always_pays(section: SpeculationSection) -> None:
    assert compared(section, 2.0, None, True).sentence.endswith("It pays at any acceptance.")


def test_an_alternative_that_is_faster_is_not_hidden(section: SpeculationSection) -> None:
    said = compared(section, 1.5, pim=7.0).sentence
    assert "But the target alone on the PIM ranks is faster still: 7 tokens/s" in said


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
    """LLaMA2-13B alone decodes faster in memory than on the NPU of AHASD's platform."""
    alone = simulate(system="npu-autoregressive", tokens=16)
    assert alone.verdict.best == "pim-autoregressive"
    assert not alone.verdict.pays
    assert alone.verdict.speedup_over_best_alone is None
    in_memory = simulate(system="pim-autoregressive", tokens=16)
    assert in_memory.verdict.best == "pim-autoregressive"
    assert in_memory.verdict.pays
    (other,) = in_memory.verdict.alternatives
    assert other.tokens_per_second == pytest.approx(alone.tokens_per_second)
