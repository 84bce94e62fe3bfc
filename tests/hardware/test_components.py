"""The table of energy components against runs: who draws what, and which constants move it."""

from functools import cache
from pathlib import Path

import pytest

import ahasd
from ahasd import simulate
from ahasd.hardware.components import (
    COMPONENTS,
    COMPONENTS_BY_DEVICE,
    DYNAMIC_COMPONENTS,
    ENERGY_KEYS,
    components_of,
    drawn_by,
    proportional_to,
)
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.preset import load_preset
from ahasd.hardware.preset.sections import EnergySection
from ahasd.systems.families import load_system

#: Systems that between them draw every component: on AHASD's platform with AAU, on two GPUs that are not alike in
#: what they do, and on a GPU beside a memory that computes. Without the power cap no energy constant moves time.
SYSTEMS = {
    "ahasd": ("system.ideal_power=true",),
    "amusd": (),
    "specpim": ("system.ideal_power=true", "energy.npu_mac_pj=1", "energy.scratchpad_pj_per_byte=1"),
}


@cache
def run(system: str, key: str | None = None) -> tuple[dict[str, float], float]:
    """Joules by component and seconds of a short run, with one constant doubled."""
    changes = SYSTEMS[system]
    if key is not None:
        changes = (*changes, f"{key}={2 * value_of(system, key)}")
    result = simulate(
        system=system,
        pair="opt-1.3b:opt-6.7b",
        algorithm="fixed:3",
        trace="synthetic:acceptance=0.8,auc=0.7,positions=400",
        tokens=16,
        set=changes,
    )
    return result.energy_j, result.seconds


def value_of(system: str, key: str) -> float:
    given = dict(change.split("=") for change in SYSTEMS[system])
    return float(given.get(key, hardware_of(system).constant(key) or 0.0))


def hardware_of(system: str) -> Hardware:
    return load_preset(load_system(system).default_hardware).hardware


def keys_of(system: str) -> list[str]:
    """The energy constants that its machine has."""
    return sorted(key for key in ENERGY_KEYS if hardware_of(system).constant(key) is not None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_constant_moves_the_components_that_name_it_and_no_other(system: str) -> None:
    nominal, seconds = run(system)
    for key in keys_of(system):
        doubled, as_long = run(system, key)
        assert as_long == seconds, key
        moved = {name for name, joules in nominal.items() if doubled[name] != joules}
        named = {part.name for part in COMPONENTS if key in part.keys}
        assert moved == {name for name in named if nominal.get(name) and value_of(system, key)}, key


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_component_is_linear_in_its_constants(system: str) -> None:
    """What doubling each constant adds, one by one, is together what there was: a sum of constants times counts."""
    nominal, _ = run(system)
    for part in components_of(hardware_of(system)):
        keys = [key for key in part.keys if key in keys_of(system)]
        added = {key: run(system, key)[0][part.name] - nominal[part.name] for key in keys}
        assert sum(added.values()) == pytest.approx(nominal[part.name], rel=1e-9), part.name
        assert all(added[key] <= 0 for key in part.less if key in keys), part.name
        assert sum(added.get(key, 0.0) for key in part.besides) <= 0.01 * nominal[part.name], part.name


def test_constants_that_a_component_is_proportional_to_the_sum_of_have_one_count() -> None:
    nominal, _ = run("ahasd")
    counts = [
        (run("ahasd", key)[0]["dram_idle"] - nominal["dram_idle"]) / value_of("ahasd", key)
        for key in ("energy.rank_power_down_mw", "energy.rank_refresh_mw")
    ]
    assert counts[0] == pytest.approx(counts[1], rel=1e-9)


def test_every_component_is_drawn_in_one_of_these_runs() -> None:
    """So that none of the tests above is about nothing."""
    drawn = {name for system in SYSTEMS for name, joules in run(system)[0].items() if joules}
    assert drawn == {part.name for part in COMPONENTS}


def test_every_component_belongs_to_one_device() -> None:
    names = [part.name for part in COMPONENTS]
    assert len(set(names)) == len(names)
    of_devices = [part.name for parts in COMPONENTS_BY_DEVICE.values() for part in parts]
    assert sorted(of_devices) == sorted(names)
    assert drawn_by(COMPONENTS_BY_DEVICE) == set(names)


def test_every_energy_constant_of_a_preset_moves_a_component() -> None:
    of_section = {f"energy.{name}" for name in EnergySection.model_fields}
    of_boards = {f"{gpu}.{name}" for gpu in ("gpu", "gpu2") for name in ("idle_w", "limit_w")}
    assert of_section | of_boards == ENERGY_KEYS


@pytest.mark.parametrize(
    ("preset", "absent"),
    [
        ("module-mac", {"gpu", "gpu_idle"}),
        ("two-a100-40gb", set(DYNAMIC_COMPONENTS) - {"gpu"} | {"npu_static", "dram_idle"}),
        ("specpim-hbm", {"npu_static"}),
    ],
)
def test_a_machine_counts_what_its_sections_draw(preset: str, absent: set[str]) -> None:
    counted = {part.name for part in components_of(load_preset(preset).hardware)}
    assert counted == {part.name for part in COMPONENTS} - absent


@pytest.mark.parametrize(
    ("preset", "watts"),
    [
        (
            "module-mac",
            {"npu_static": 0.1, "dram_idle": 16 * (8e-3 + 25e-3)},
        ),  # four ranks on each of four channels
        ("specpim-gddr6", {"dram_idle": 48 * (10e-3 + 5e-3), "gpu_idle": 100.0}),
        ("two-a100-40gb", {"gpu_idle": 2 * 50.0}),
    ],
)
def test_what_a_machine_draws_at_rest_by_hand(preset: str, watts: dict[str, float]) -> None:
    hardware = load_preset(preset).hardware
    found = {part.name: part.watts(hardware) for part in components_of(hardware) if part.watts is not None}
    assert found == pytest.approx(watts)


def test_components_that_one_constant_scales() -> None:
    assert proportional_to("energy.vector_operation_pj") == {"npu_vector", "aau"}
    assert proportional_to("energy.rank_refresh_mw") == frozenset()
    assert proportional_to("gpu.limit_w") == frozenset()


def test_names_of_components_stand_in_the_table_alone() -> None:
    """Devices charge by keyword; nothing else may list components, or a new one needs more than its row."""
    names = [
        part.name for part in COMPONENTS if part.name not in {"aau", "gpu"}
    ]  # those are devices' names, too
    for path in Path(ahasd.__file__).parent.rglob("*.py"):
        if path.name != "components.py":
            text = path.read_text(encoding="utf-8")
            assert not [name for name in names if f'"{name}"' in text], path
