"""Policies, controls and devices of a user's own, given as objects."""

from dataclasses import replace

import pytest

import ahasd
from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.fidelity import Fidelity
from ahasd.speculation.control.goodput.acceptance_estimate import LearnedAcceptance
from ahasd.speculation.control.goodput.goodput import Goodput
from ahasd.speculation.drafting.specification import build_policy, parse_algorithm
from ahasd.speculation.own_objects import OwnObjects
from ahasd.workload.precision import Precision

SHORT = {"trace": "synthetic:acceptance=0.8,auc=0.7,positions=400", "tokens": 48}
SAME = ("tokens_per_second", "joules_per_token", "energy_j", "devices", "baseline", "speedup", "ttft_s")


class Slower(ahasd.Device):
    """The preset's NPU, every operator of which takes a factor longer."""

    name = "npu"

    def __init__(self, factor: float = 1.0) -> None:
        hardware = ahasd.load_hardware("lpddr5").hardware
        self._npu = build_npu(hardware, 4, Precision(8, 8), Fidelity.DETAILED)
        self._factor = factor

    def operator_cost(self, operator: ahasd.Operator) -> ahasd.OperatorCost:
        found = self._npu.operator_cost(operator)
        return replace(found, cost=replace(found.cost, seconds=self._factor * found.cost.seconds))


def test_each_object_is_described_by_what_it_is() -> None:
    policy, control = build_policy(parse_algorithm("fixed:2")), Goodput(LearnedAcceptance())
    assert OwnObjects().descriptions == []
    assert OwnObjects(policy=policy).descriptions == ["algorithm FixedLength"]
    assert OwnObjects(control=control).descriptions == ["control Goodput"]
    every = OwnObjects(policy, control, {"npu": Slower()}).descriptions
    assert every == ["algorithm FixedLength", "control Goodput", "npu Slower"]


@pytest.mark.parametrize("algorithm", ["adaedl", "banditspec-exp3"])
@pytest.mark.parametrize("system", ["npu", "ahasd"])
def test_a_policy_as_an_object_is_the_run_of_its_name(algorithm: str, system: str) -> None:
    """The break-even too, whose runs must not learn from each other nor from what the object saw before."""
    policy = build_policy(parse_algorithm(algorithm))
    named = ahasd.simulate(system=system, algorithm=algorithm, **SHORT)
    for _ in range(2):
        own = ahasd.simulate(system=system, algorithm=policy, **SHORT)
        assert all(getattr(own, name) == getattr(named, name) for name in SAME)
        assert own.verdict == named.verdict
        assert own.speculation.break_even_acceptance == named.speculation.break_even_acceptance
    assert own.speculation.algorithm == type(policy).__name__
    assert own.speculation.algorithm_provenance == "an object given to simulate()"
    assert own.reproduce["own"] == [f"algorithm {type(policy).__name__}"]
    assert f"objects that a file cannot hold: algorithm {type(policy).__name__}" in own.notes


def test_a_control_as_an_object_is_the_run_of_its_name() -> None:
    named = ahasd.simulate(system="npu-pim-async+aau", set={"system.control": "goodput"}, **SHORT)
    control = Goodput(LearnedAcceptance())
    for _ in range(2):
        own = ahasd.simulate(system="npu-pim-async+aau", control=control, **SHORT)
        assert all(getattr(own, name) == getattr(named, name) for name in SAME)
    assert own.reproduce["system"]["control"] == "own"


def test_a_device_as_an_object_takes_the_place_of_the_hardware_s() -> None:
    """For draft, target, prefill and the target alone; what costs twice runs at half the speed."""
    named = ahasd.simulate(system="npu", algorithm="fixed:3", **SHORT)
    same = ahasd.simulate(system="npu", algorithm="fixed:3", devices={"npu": Slower()}, **SHORT)
    assert all(getattr(same, name) == getattr(named, name) for name in SAME if name != "energy_j")
    slower = ahasd.simulate(system="npu", algorithm="fixed:3", devices={"npu": Slower(2.0)}, **SHORT)
    assert slower.tokens_per_second == pytest.approx(named.tokens_per_second / 2)
    assert slower.seconds_prefill == pytest.approx(named.seconds_prefill * 2)
    assert slower.baseline is not None
    assert named.baseline is not None
    assert slower.baseline.tokens_per_second == pytest.approx(named.baseline.tokens_per_second / 2)
    assert slower.speedup == pytest.approx(named.speedup)
    assert slower.devices["npu"] == named.devices["npu"]


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"algorithm": 3}, "algorithm is 3; must be a name or an object of a DraftingPolicy"),
        ({"control": "x"}, "control is 'x'; must be a name or an object of a Pilot"),
        ({"devices": {"npu": 3}}, "devices\\['npu'\\] is 3; must be"),
        ({"devices": {"nqu": Slower()}}, "unknown device 'nqu'"),
        ({"devices": {"pim": Slower()}}, "calls itself 'npu'; its name must be 'pim'"),
        ({"system": "ahasd", "control": Goodput(LearnedAcceptance())}, "leaves nothing to edc, tvc"),
        ({"system": "npu", "control": Goodput(LearnedAcceptance())}, "'npu' is serial; only asynchronous"),
        (
            {"system": "npu-autoregressive", "algorithm": build_policy(parse_algorithm("fixed:2"))},
            "'npu-autoregressive' drafts nothing",
        ),
        ({"set": {"system.control": "own"}, "system": "npu-pim-async+aau"}, "give the object"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, object], cause: str) -> None:
    with pytest.raises(ahasd.AhasdError, match=cause):
        ahasd.simulate(**given, **SHORT)  # type: ignore[arg-type]


def test_changes_may_be_a_mapping_nested_or_dotted() -> None:
    text = ahasd.simulate(set=("npu.chips=4", "npu.clock_ghz=0.5", "system.edc=false"), **SHORT)
    for changes in (
        {"npu": {"chips": 4, "clock_ghz": 0.5}, "system": {"edc": False}},
        {"npu.chips": 4, "npu.clock_ghz": 0.5, "system.edc": False},
    ):
        mapped = ahasd.simulate(set=changes, **SHORT)
        assert mapped.seconds == text.seconds
        assert mapped.energy_j == text.energy_j


def test_every_public_name_is_there() -> None:
    for name in ahasd.__all__:
        assert getattr(ahasd, name) is not None
    assert set(dir(ahasd)) == set(ahasd.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Foo'"):
        _ = ahasd.Foo


def test_names_are_listed() -> None:
    assert "the target alone on the NPU" in ahasd.list_systems()["npu-autoregressive"]
    assert "7B" not in ahasd.list_models()["llama2-7b"]
    assert {"fixed", "adaedl", "none"} <= ahasd.list_algorithms().keys()
    assert "lpddr5" in ahasd.list_hardware()
    assert "tiny-distilled-sampled" in ahasd.list_traces()


def test_a_comparison_is_an_object_that_prints_as_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    found = ahasd.compare(
        system=["npu", "npu-autoregressive"],
        algorithm=["fixed:1", "fixed:4"],
        hardware="lpddr5",
        seeds=1,
        **SHORT,
    )
    assert [cell.system for cell in found.cells] == ["npu", "npu", "npu-autoregressive"]
    assert found.best is found.rankings[0].cells[0]
    assert str(found).startswith("Best for llama2-13b of 3 compared: ")
    assert repr(found).startswith("<Comparison of 3 cells: Best for")
    assert found.to_dict()["sentences"] == found.sentences
