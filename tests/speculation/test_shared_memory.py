"""What a pass and a draft step take from each other on one memory, beside what each asks of it."""

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import build_machine
from ahasd.speculation.shared_memory import shared_memory


def compared(*changes: str):
    asked = {"system": "ahasd", "pair": "opt-1.3b:opt-6.7b", "algorithm": "fixed:2", "set": changes}
    placed = build_machine(resolve(RunConfiguration.checked(**asked)))
    stream, step = placed.machine.target_steps.cost(3, 200), placed.machine.drafter.cost(1, 200)
    return placed, stream, step, shared_memory(placed, stream, step)


def test_rates_are_bytes_over_the_time_alone() -> None:
    _, stream, step, found = compared()
    assert found.stream_bytes_per_second == pytest.approx(stream.bus_bytes / stream.seconds)
    assert found.array_bytes_per_second == pytest.approx(step.array_bytes / step.seconds)
    assert 1e9 < found.stream_bytes_per_second < 51.2e9
    assert found.bus_share == pytest.approx(step.data_seconds / step.seconds)
    assert 0 < found.bus_share < 1
    assert found.bus_runs == step.data_runs


def test_what_both_keep_is_what_the_schedule_lets_them_have() -> None:
    placed, stream, step, found = compared()
    assert (found.stream_kept, found.arrays_kept) == placed.machine.conflicts.speeds(stream, step)
    assert found.kept_without is not None
    assert set(found.kept_without) == {"data", "command"}
    for kept in found.kept_without.values():
        assert found.stream_kept <= kept <= 1


def test_a_conflict_that_is_switched_off_is_none_to_take_away() -> None:
    *_, found = compared("system.ideal_command_bus=true")
    assert set(found.kept_without) == {"data"}
    *_, free = compared("system.ideal_command_bus=true", "system.ideal_bus_sharing=true")
    assert free.kept_without == {}
    assert free.stream_kept == 1


def test_refresh_takes_its_share_unless_there_is_none() -> None:
    placed, *_, found = compared()
    memory = placed.hardware.require_memory()
    assert 0 < found.refresh_share < 0.2
    assert found.channel_peak_gb_per_second == memory.channel_gb_per_second
    assert 0.5 < found.channel_bytes_per_second / (memory.channel_gb_per_second * 1e9) < 1
    *_, quiet = compared("system.ideal_refresh=true")
    assert quiet.refresh_share == 0
    assert quiet.channel_bytes_per_second > found.channel_bytes_per_second
