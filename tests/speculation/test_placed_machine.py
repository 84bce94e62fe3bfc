"""What a schedule is told of a machine: conflicts, messages and clocks, as options and constants say."""

import pytest

from ahasd.hardware.mapping.together import DesignPoint, build_together
from ahasd.speculation import place
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.machine import Clocks, Conflicts, Lengths, Machine, Messages
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.run import build_machine

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=800"


def placed(system: str, *changes: str, **values) -> PlacedMachine:
    asked = {"pair": "tiny-draft:tiny-target", "algorithm": "fixed:2", "tokens": 64, "trace": TRACE}
    return build_machine(resolve(RunConfiguration.checked(system=system, set=changes, **(asked | values))))


def conflicts(system: str, *changes: str) -> dict[str, bool]:
    found = placed(system, *changes).machine.conflicts
    names = ("takes_turns", "stops_stream", "borrows_vector_unit", "waits_for_vector_unit", "needs_entries")
    return {"channel": found.channel is not None} | {name: getattr(found, name) for name in names}


ALL = {
    "channel": True,
    "takes_turns": False,
    "stops_stream": True,
    "borrows_vector_unit": False,
    "waits_for_vector_unit": True,
    "needs_entries": True,
}


@pytest.mark.parametrize(
    ("system", "changes", "different"),
    [
        ("ahasd", [], {}),
        ("ahasd", ["system.ideal_rank_sharing=true"], {"stops_stream": False}),
        ("ahasd", ["system.ideal_vector_wait=true"], {"waits_for_vector_unit": False}),
        ("ahasd", ["system.ideal_kv_entries=true"], {"needs_entries": False}),
        ("npu-pim-async", [], {"borrows_vector_unit": True}),
        ("ahasd", ["system.placement=interleaved"], {"takes_turns": True}),
        (
            "ahasd",
            ["system.placement=interleaved", "system.ideal_rank_sharing=true"],
            {"stops_stream": False},
        ),
    ],
)
def test_conflicts_are_those_of_the_system_less_those_switched_off(system, changes, different) -> None:
    assert conflicts(system, *changes) == ALL | different


def test_messages_and_clocks_are_the_machine_s() -> None:
    changes = ("cpu.queue_transfer_us=2", "cpu.polling_us=3", "cpu.decision_us=0.5")
    changes += ("npu.clock_ghz=1.25", "pim.clock_ghz=0.5", "pim.gate_switch_cycles=40")
    machine = placed("ahasd", *changes).machine
    assert machine.messages == Messages(2_000_000, 3_000_000, 500_000)
    assert (machine.clocks.verifier_ghz, machine.clocks.drafter_ghz) == (1.25, 0.5)
    assert machine.clocks.rank_switch_s == pytest.approx(80e-9)
    ideal = placed("ahasd", *changes, "system.ideal_control_latency=true", "system.ideal_gating=true").machine
    assert ideal.messages == Messages(0, 0, 0)
    assert ideal.clocks.rank_switch_s == 0


def test_a_machine_without_npu_or_pim_counts_in_gigahertz() -> None:
    machine = placed("gpu", hardware="two-a100-40gb").machine
    assert machine.clocks == Clocks(1.0, 1.0, 0.0)


def test_what_nobody_said_costs_nothing_and_conflicts_with_nothing() -> None:
    assert Messages() == Messages(transfer_ps=0, polling_ps=0, decision_ps=0)
    assert Clocks() == Clocks(verifier_ghz=1.0, drafter_ghz=1.0, rank_switch_s=0.0)
    quiet = Conflicts()
    assert quiet.channel is None
    assert (quiet.takes_turns, quiet.borrows_vector_unit) == (False, False)
    assert (quiet.stops_stream, quiet.waits_for_vector_unit, quiet.needs_entries) == (True, True, True)
    lengths = Lengths(prompt=3, generated=4)
    assert (lengths.look_ahead, lengths.total) == (0, 7)
    steps = placed("npu").machine.target_steps
    alone = Machine(lengths, steps)
    assert (alone.draft_steps, alone.preverify_steps, alone.target_layers) == (None, None, 1)
    with pytest.raises(AssertionError, match="no draft"):
        _ = alone.drafter


def test_layers_and_steps_are_those_of_the_models() -> None:
    found = placed("ahasd")
    machine = found.machine
    assert machine.target_layers == found.models["target"].layers
    assert machine.target_steps.spec == found.models["target"]
    assert machine.drafter.spec == found.models["draft"]
    assert machine.preverify_steps.spec == found.models["target"]
    assert placed("npu-pim-async+aau").machine.preverify_steps is None
    assert placed("ahasd", algorithm="none").machine.draft_steps is None


def test_host_and_pim_together_are_designed_for_the_middle_of_the_text(monkeypatch) -> None:
    """Behind a prompt of 100 and half of 61 tokens, and for caches that hold all and what is drafted ahead."""
    points = []

    def recorded(pair, hardware, models, precision, point, *given):
        points.append(point)
        return build_together(pair, hardware, models, precision, point, *given)

    monkeypatch.setattr(place, "build_together", recorded)
    found = placed("specpim", "system.design_draft_length=5", prompt_tokens=100, tokens=61)
    assert points == [DesignPoint(draft_length=5, context=130, entries=100 + 61 + 64)]
    assert found.lengths.total == 225
