"""Where a system puts its models: what a user sets, through to the machine or to a message that helps."""

from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.placement.placement import RankSet
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.run import SpeculationRun, build_machine

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400"


def configured(system: str, *assignments: str, **given: Any) -> RunConfiguration:
    """A configuration with ``--set system.…`` for each assignment."""
    settings = tuple(f"system.{text}" for text in assignments)
    given = {"algorithm": "fixed:4", "tokens": 16, **given}
    return RunConfiguration.checked(system=system, trace=TRACE, set=settings, **given)


def built(system: str, *assignments: str, **given: Any) -> PlacedMachine:
    return build_machine(resolve(configured(system, *assignments, **given)))


def ranks(machine: PlacedMachine) -> tuple[RankSet, RankSet | None]:
    return machine.placement.target, machine.placement.draft


@pytest.mark.parametrize(
    ("assignments", "target", "draft"),
    [
        ((), (0, 1), (1, 3)),
        (("target_ranks=0",), (0, 1), (1, 3)),
        (("target_ranks=0-1",), (0, 2), (2, 2)),
        (("draft_ranks=0-1",), (2, 2), (0, 2)),
        (("target_ranks=0", "draft_ranks=1-2"), (0, 1), (1, 2)),
        (("target_ranks=0-3:3",), (3, 1), (0, 3)),
        (("placement=interleaved",), (0, 4), (0, 4)),
    ],
)
def test_set_ranks_are_those_of_the_machine(assignments, target, draft):
    machine = built("ahasd", *assignments)
    assert ranks(machine) == (RankSet(4, *target), RankSet(4, *draft))
    assert machine.same_ranks == (target == draft)
    assert machine.machine.target_layers == 40  # LLaMA2-13B


def test_a_given_placement_is_told_and_reproduced():
    resolved = resolve(configured("ahasd", "target_ranks=0-1", pair="tiny-draft:tiny-target"))
    result = SpeculationRun(resolved).result(search_break_even=False)
    assert result.placement["target"] == [(c, r) for c in range(4) for r in (0, 1)]
    assert result.placement["draft"] == [(c, r) for c in range(4) for r in (2, 3)]
    assert result.options["target_ranks"] == "0-1"
    assert any("system.target_ranks=0-1" in note for note in result.notes)


def test_more_ranks_for_the_draft_make_its_steps_shorter():
    steps = {}
    for given in ("1", "1-3"):
        machine = built("ahasd", "target_ranks=0", f"draft_ranks={given}", hardware="rank-compute")
        steps[given] = machine.machine.drafter.cost(1, 128).seconds
    assert steps["1-3"] < steps["1"]


def test_a_target_alone_in_memory_lies_where_it_is_put():
    assert ranks(built("pim-autoregressive")) == (RankSet(4, 0, 4), None)
    assert ranks(built("pim-autoregressive", "target_ranks=1-2")) == (RankSet(4, 1, 2), None)


def test_without_speculation_the_target_keeps_its_ranks():
    assert ranks(built("ahasd", "target_ranks=0-1", algorithm="none")) == (RankSet(4, 0, 2), None)


@pytest.mark.parametrize(
    ("system", "assignments", "says"),
    [
        ("ahasd", ["target_ranks=1"], "leaves no ranks in one piece.*give draft_ranks as well"),
        ("ahasd", ["target_ranks=0-1", "draft_ranks=1-3"], "overlap; give each model ranks of its own"),
        ("ahasd", ["target_ranks=9"], "channels 0-3 with ranks 0-3"),
        ("ahasd", ["target_ranks=0-2:1"], r"leaves channel 3.*\(0-3:1\) or none \(1\)"),
        ("ahasd", ["target_ranks=first"], "write ranks as 0, 1-3"),
        ("ahasd", ["placement=interleaved", "target_ranks=0"], "leave out target_ranks and draft_ranks"),
        ("ahasd", ["target_ranks=0", "placement=interleaved"], "leave out target_ranks and draft_ranks"),
        ("ahasd", ["placement=together"], "must be 'apart' or 'interleaved'"),
        ("npu", ["target_ranks=0"], "models that compute in memory; this system has none"),
        ("npu", ["placement=interleaved"], "models that compute in memory; this system has none"),
        ("pim-autoregressive", ["draft_ranks=0"], "option of serial, pearl and asynchronous systems"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_what_to_change(system, assignments, says):
    with pytest.raises(AhasdError, match=says):
        built(system, *assignments)


def test_a_target_too_large_for_its_ranks_is_refused_with_the_sum():
    with pytest.raises(
        AhasdError, match=r"palm-like-30b: .* GB of weights.*target_ranks=0 has 4 ranks x 4 GiB"
    ):
        built("ahasd", "target_ranks=0", pair="palm-like-8b:palm-like-30b")
    built("ahasd", "target_ranks=0-1", pair="palm-like-8b:palm-like-30b")
