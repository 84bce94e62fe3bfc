"""Steps operator by operator, and what two sides of one memory take from each other: sums and limits."""

from functools import cache
from typing import Any

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun
from ahasd.speculation.shared_memory import SharedMemory
from ahasd.speculation.step_breakdown import RunBreakdown, break_down

TRACE = "synthetic:acceptance=0.8,auc=0.5,positions=400"


@cache
def run(system: str, *changes: str, **values: Any) -> SpeculationRun:
    given = {"pair": "tiny-draft:tiny-target", "trace": TRACE, "tokens": 30, "algorithm": "fixed:2"}
    return SpeculationRun(resolve(RunConfiguration.checked(system=system, set=changes, **given | values)))


def broken_down(system: str, *changes: str, **values: Any) -> RunBreakdown:
    simulation = run(system, *changes, **values)
    return break_down(simulation.placed, simulation.outcome)


def shared(*changes: str) -> SharedMemory:
    found = broken_down("npu-pim-async", *changes).shared
    assert found is not None
    return found


@pytest.mark.parametrize("system", ["ahasd", "npu", "amusd"])
def test_operators_add_up_to_the_step(system: str) -> None:
    machine = run(system).placed.machine
    tables = {"draft step": machine.draft_steps, "verification": machine.target_steps}
    tables["pre-verification"] = machine.preverify_steps
    steps = broken_down(system).steps
    assert [step.step for step in steps] == [name for name, table in tables.items() if table is not None]
    for step in steps:
        table = tables[step.step]
        assert table is not None
        # Between grid points the simulator takes a line, which may miss the step itself by a little.
        whole = table.cost(step.width, step.context)
        assert step.seconds == pytest.approx(whole.seconds, rel=0.02)
        assert sum(step.share(operator) for operator in step.operators) == pytest.approx(1.0)
        assert sum(o.cost.bus_bytes for o in step.operators) == pytest.approx(whole.bus_bytes, rel=0.02)
        assert step.context == 128 + 15


def test_a_verification_has_the_mean_width_of_the_run() -> None:
    assert broken_down("npu").steps[1].width == 3  # two drafts and the next token
    assert [step.width for step in broken_down("npu-autoregressive", algorithm="none").steps] == [1]


def test_only_sides_that_run_at_once_on_one_memory_share_it() -> None:
    assert broken_down("npu").shared is None
    assert broken_down("amusd").shared is None
    assert broken_down("ahasd").shared is not None


def test_without_conflicts_both_sides_keep_their_rates() -> None:
    ideal = shared("system.ideal_bus_sharing=true", "system.ideal_command_bus=true")
    assert (ideal.stream_kept, ideal.arrays_kept) == (1.0, 1.0)
    assert ideal.kept_without == {}
    assert ideal.stream_bytes_per_second == shared().stream_bytes_per_second


def test_taking_a_conflict_away_leaves_no_less_than_with_it() -> None:
    found = shared()
    assert found.kept_without is not None
    assert set(found.kept_without) == {"data", "command"}
    assert all(found.stream_kept <= kept <= 1.0 for kept in found.kept_without.values())
    one = shared("system.ideal_command_bus=true").kept_without
    assert one is not None
    assert set(one) == {"data"}


def test_sides_that_take_turns_share_the_time_between_them() -> None:
    turns = shared("system.placement=interleaved")
    assert turns.kept_without is None
    assert turns.stream_kept + turns.arrays_kept == pytest.approx(1.0)


def test_refresh_takes_its_time_from_the_peak_of_a_channel() -> None:
    found, without = shared(), shared("memory.refresh_rate=0")
    peak = found.channel_peak_gb_per_second * 1e9
    assert without.refresh_share == 0.0
    assert found.refresh_share > 0.05
    # The bus also turns and opens rows, so refresh is not all that it lacks.
    assert found.channel_bytes_per_second < (1 - found.refresh_share) * peak
    assert found.channel_bytes_per_second < without.channel_bytes_per_second < peak
    assert 0 < found.bus_share < 1
