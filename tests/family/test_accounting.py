"""Energy, shares of devices and queues, added up by hand from a timeline of three tasks."""

import pytest

from ahasd.family.accounting import device_shares, energy, queue_occupancy
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost
from ahasd.hardware.preset.preset import load_preset
from ahasd.simulation.outcome import Outcome
from ahasd.simulation.queues import QueueStatistics
from ahasd.simulation.timeline import Task, Timeline

END = 1000


def cost(npu_ps: float = 0.0, pim_ps: float = 0.0, **joules: float) -> StepCost:
    parts = tuple(joules.get(name, 0.0) for name in DYNAMIC_COMPONENTS)
    return StepCost(energy_j=parts, host_seconds=npu_ps * 1e-12, memory_compute_seconds=pim_ps * 1e-12)


def outcome(*tasks: Task, waits: dict[str, int] | None = None) -> Outcome[Task]:
    timeline: Timeline[Task] = Timeline()
    for task in tasks:
        timeline.add(task)
    for track, duration in (waits or {}).items():
        timeline.waited(track, duration)
    return Outcome(END, timeline)


def test_work_that_the_end_cuts_off_counts_by_its_share() -> None:
    hardware = load_preset("module-mac").hardware
    ran = outcome(
        Task("npu", "pass", 0, 400, cost(npu_compute=3.0, dram_offchip=1.0)),
        Task("pim", "step", 200, 600, cost(pim_array=8.0), done=0.5),
        Task("npu", "pass", 400, 1200, cost(npu_compute=4.0)),
    )
    found = energy(hardware, ran)
    # 100 mW of the NPU; 16 ranks of 8 mW in power-down and 25 mW of refresh, for a nanosecond.
    static = {"npu_static": 0.1e-9, "dram_idle": 16 * 0.033e-9}
    work = {"npu_compute": 3.0 + 4.0 * 600 / 800, "dram_offchip": 1.0, "pim_array": 4.0}
    assert {name: joules for name, joules in found.items() if joules} == pytest.approx(static | work)
    assert {"npu_vector", "scratchpad", "dram_active", "pim_compute", "aau"} <= set(found)
    assert not {"gpu", "gpu_idle"} & set(found)


def test_a_machine_draws_the_idle_power_of_what_it_has() -> None:
    """50 W for each of two GPUs; 64 ranks of 10 + 5 mW beside one host of 100 W."""
    gpus, both = (load_preset(name).hardware for name in ("two-a100-40gb", "specpim-hbm"))
    ran = outcome(Task("gpu", "pass", 0, END, cost(gpu=2.0)))
    assert energy(gpus, ran) == pytest.approx({"gpu": 2.0, "gpu_idle": 100e-9})
    found = {name: joules for name, joules in energy(both, ran).items() if joules}
    assert found == pytest.approx({"gpu": 2.0, "gpu_idle": 100e-9, "dram_idle": 64 * 0.015e-9})


def test_a_device_works_waits_or_has_nothing_to_do() -> None:
    ran = outcome(
        Task("pim", "step", 100, 500, cost(), blocked=150),
        Task("npu", "pass", 900, 1300, cost()),
        waits={"pim": 50},
    )
    shares = device_shares(load_preset("module-mac").hardware, ["pim", "npu"], ran)
    assert list(shares) == ["npu", "pim"]
    found = {name: (share.busy, share.idle, share.blocked) for name, share in shares.items()}
    assert found["pim"] == pytest.approx((0.25, 0.55, 0.2))
    assert found["npu"] == pytest.approx((0.1, 0.9, 0.0))


def test_a_pass_of_two_devices_keeps_each_busy_for_its_part() -> None:
    ran = outcome(
        Task("npu+pim", "pass", 0, 600, cost(npu_ps=200, pim_ps=400)),
        Task("npu+pim", "pass", 600, 1400, cost(npu_ps=500, pim_ps=100)),
        Task("pim", "step", 0, 0, cost(npu_ps=900, pim_ps=900)),
    )
    shares = device_shares(load_preset("module-mac").hardware, ["npu+pim"], ran)
    assert set(shares) == {"npu", "pim"}
    # Half of the second pass lies before the end.
    assert shares["npu"].busy == pytest.approx(0.2 + 0.25)
    assert shares["pim"].busy == pytest.approx(0.4 + 0.05)
    assert shares["pim"].idle == pytest.approx(1 - 0.45)


def test_the_npu_shows_where_there_is_one_and_other_devices_where_they_are_used() -> None:
    nothing = outcome()
    idle = device_shares(load_preset("module-mac").hardware, ["pim"], nothing)
    assert {name: share.idle for name, share in idle.items()} == {"npu": 1, "pim": 1}
    assert set(device_shares(load_preset("lpddr5").hardware, [], nothing)) == {"npu"}
    assert set(device_shares(load_preset("two-a100-40gb").hardware, ["gpu2"], nothing)) == {"gpu2"}


def test_queues_are_told_as_they_were() -> None:
    queues = {"drafts": QueueStatistics(1.5, 3, 2e-6, 4)}
    told = queue_occupancy(Outcome(END, Timeline(), queues=queues))["drafts"]
    assert (told.mean, told.max, told.full_s, told.blocked_pushes) == (1.5, 3, 2e-6, 4)
