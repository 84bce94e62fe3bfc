"""Many configurations over seeds: equal to single runs, on one process or two, whole or in pieces."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError
from ahasd.experiments import shelf as shelf_module
from ahasd.experiments.carry_out import Running
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.executors.engine import Engine
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.shelf import Shelf
from ahasd.experiments.store.store import Store
from ahasd.hardware.fidelity import Fidelity
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import build_machine
from ahasd.systems.families import load_family, load_system
from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8"
BASE = RunConfiguration(trace=TRACE, tokens=24, pair=PAIRS[0])
#: A policy that is asked, one that is not, a draft of its own hardware, no draft, and no room.
#: All of the family that grids are of.
SPECULATIVE = load_family("speculation").systems.names
SYSTEMS = ("npu", "pearl", "gpu", "pim-autoregressive")


def full_grid(base: RunConfiguration, selection: Selection) -> list[RunConfiguration]:
    return [choice.configuration for choice in combinations(base, selection)]


GRID = full_grid(BASE, Selection([PAIRS[0]], ["fixed:4", "svip:calibrated"], SYSTEMS))


def test_every_cell_is_the_runs_of_its_seeds() -> None:
    cells = run_grid(GRID, [0, 3])
    assert len(cells) == len(GRID) == 7
    for configuration, cell in zip(GRID, cells, strict=True):
        assert (cell.system, cell.algorithm) == (configuration.system, configuration.algorithm)
        for seed, result in zip([0, 3], cell.results, strict=True):
            alone = simulate(**configuration.model_dump(exclude_none=True, exclude={"seed"}), seed=seed)
            searched = {"speculation": {"break_even_acceptance", "always_pays"}, "verdict": {"sentence"}}
            gone: dict[str, Any] = searched | dict.fromkeys(("options", "placement", "reproduce"), True)
            assert result.model_dump(exclude=gone) == alone.model_dump(exclude=gone)
            assert result.reproduce == {"seed": seed}


def test_what_does_not_ask_the_algorithm_is_still_the_run_of_each() -> None:
    shelf = Shelf()
    for algorithm in ("svip:calibrated", "specdecpp:calibrated", "svip:calibrated=3"):
        for system in ("pearl", "ahasd-plus"):
            asked = BASE.model_copy(update={"algorithm": algorithm, "system": system})
            result = shelf.run(resolve(asked), 1)
            alone = simulate(**asked.model_dump(exclude_none=True, exclude={"seed"}), seed=1)
            searched = {"speculation": {"break_even_acceptance", "always_pays"}, "verdict": {"sentence"}}
            assert result.model_dump(exclude=searched) == alone.model_dump(exclude=searched)


def test_what_is_kept_for_other_algorithms_does_not_grow_with_the_seeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shelf_module, "SEEDS", 3)
    shelf = Shelf()
    asked = [
        resolve(BASE.model_copy(update={"algorithm": name, "system": "pearl"}))
        for name in ("svip:calibrated", "specdecpp:calibrated")
    ]
    for one in asked:
        for seed in range(5):
            assert shelf.run(one, seed) == Shelf().run(one, seed)
    assert len(shelf._repeated[1]) == 3


@pytest.mark.slow
def test_processes_and_what_the_store_has_change_nothing(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    here = run_grid(GRID, [0, 1])
    with Store(tmp_path / "store") as store:
        by = Running(store, Means(2), progress=lambda done, total: calls.append((done, total)))
        assert run_grid(GRID, [0, 1], by) == here
        assert calls == sorted(calls)
        assert (calls[0], calls[-1]) == ((0, 14), (14, 14))
        calls.clear()
        assert run_grid(GRID, [0, 1], by) == here
        assert calls == [(14, 14)]
        # Some of it is there already, in another order and of another length.
        assert run_grid(GRID[::-1], [2, 1, 0], by) == run_grid(GRID[::-1], [2, 1, 0])


def test_systems_share_what_their_steps_cost() -> None:
    asked = {"pair": PAIRS[0], "tokens": 24, "trace": TRACE, "algorithm": "fixed:4"}
    ahasd, plain, ideal = (
        build_machine(resolve(RunConfiguration.checked(system=system, **asked)))
        for system in ("ahasd", "npu-pim-async+aau", "ahasd-ideal")
    )
    assert ahasd.machine.target_steps is plain.machine.target_steps
    assert ahasd.machine.draft_steps is plain.machine.draft_steps
    assert (
        ahasd.machine.target_steps is not ideal.machine.target_steps
    )  # rows keep their charge for nothing there


@pytest.mark.parametrize(
    "other",
    [
        {"tokens": 25},
        {"prompt_tokens": 64},
        {"trace": "synthetic:acceptance=0.7,auc=0.7,positions=400,prompts=8"},
        {"coins": "recorded"},
        {"set": ("npu.clock_ghz=2",)},
        {"weight_bits": 4},
        {"kv_bits": 4},
        {"fidelity": Fidelity.FIRST_ORDER},
        {"hardware": "rank-both"},
        {"algorithm": "fixed:3"},
        {"pair": PAIRS[1]},
    ],
)
def test_whatever_a_run_depends_on_makes_another_key(other: dict[str, object], tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        (cell,) = run_grid(GRID[:1], [0], Running(store))
        changed = [GRID[0].model_copy(update=other)]
        assert run_grid(changed, [0], Running(store)) == run_grid(changed, [0])
        assert run_grid(GRID[:1], [0], Running(store)) == [cell]
        assert len(keys(store)) == 2


def keys(store: Store) -> list[str]:
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM runs")]


def test_the_ends_of_the_energy_are_runs_of_their_own(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        without = run_grid(GRID[:1], [0, 1], Running(store))
        with_ends = run_grid(GRID[:1], [0, 1], Running(store), energy_range=True)
        assert [cell.results for cell in with_ends] == [cell.results for cell in without]
        assert len(keys(store)) == 6
        assert with_ends == run_grid(GRID[:1], [0, 1], energy_range=True)


def test_the_contents_of_a_hardware_file_count(tmp_path: Path) -> None:
    from ahasd.hardware.preset.preset import load_preset

    hardware = tmp_path / "mine.yaml"
    text = load_preset("module-mac").to_yaml()
    hardware.write_text(text)
    grid = [BASE.model_copy(update={"hardware": str(hardware), "system": "npu"})]
    with Store(tmp_path / "store") as store:
        (before,) = run_grid(grid, [0], Running(store))
        hardware.write_text(
            text.replace("offchip_pj_per_bit:\n    value: ", "offchip_pj_per_bit:\n    value: 1")
        )
        (after,) = run_grid(grid, [0], Running(store))
        assert after.results[0].joules_per_token > before.results[0].joules_per_token


@pytest.mark.parametrize(
    "engine",
    [pytest.param(engine, marks=pytest.mark.slow if engine is Engine.DASK else ()) for engine in Engine],
)
def test_a_users_files_are_read_once_and_sent(tmp_path: Path, engine: Engine) -> None:
    from ahasd.hardware.preset.preset import load_preset
    from ahasd.traces.files import save
    from ahasd.traces.rollout.synthetic import synthesize

    hardware, trace = tmp_path / "mine.yaml", tmp_path / "mine.safetensors"
    hardware.write_text(load_preset("module-mac").to_yaml())
    save(synthesize(0.8, 0.7, positions=400, prompts=8), trace)
    update = {"hardware": str(hardware), "trace": str(trace)}
    grid = [configuration.model_copy(update=update) for configuration in GRID[:3]]
    here = run_grid(grid, [0, 1])
    gone: list[Path] = []

    def remove(done: int, total: int) -> None:
        if not gone:
            gone.extend([hardware, trace])
            hardware.unlink()
            trace.unlink()

    assert run_grid(grid, [0, 1], Running(means=Means(2, engine), progress=remove)) == here
    assert gone


@pytest.mark.parametrize(
    "wrong", [{"system": "ahsd"}, {"algorithm": "svipp"}, {"hardware": "x"}, {"pair": "a:b"}]
)
def test_a_wrong_name_is_an_error_before_anything_runs(wrong: dict[str, str]) -> None:
    calls: list[tuple[int, int]] = []
    with pytest.raises(AhasdError, match="unknown"):
        run_grid(
            [*GRID, BASE.model_copy(update=wrong)], [0], Running(progress=lambda *call: calls.append(call))
        )
    assert calls == []


def test_the_full_grid_has_every_system_on_a_machine_that_suits_it() -> None:
    grid = full_grid(RunConfiguration(), Selection())
    # On a trace of heads no algorithm can be calibrated, so a chain of them has no place among calibrated ones.
    systems = [name for name in SPECULATIVE if name != "tree-chain"]
    # A tree grows as its own policy says.
    once = [name for name in systems if load_system(name).schedule in ("autoregressive", "tree")]
    assert len(grid) == len(PAIRS) * (len(CALIBRATED_ALGORITHMS) * (len(systems) - len(once)) + len(once))
    places = {(c.system, c.hardware) for c in grid}
    assert {("ahasd", "module-mac"), ("gpu", "rtx-5090-laptop"), ("specpim", "specpim-hbm")} <= places
    assert {system for system, _ in places} == set(systems)
    rank_both = full_grid(RunConfiguration(), Selection(hardware=["rank-both", "module-op"]))
    assert {c.hardware for c in rank_both if c.system == "ahasd"} == {"rank-both", "module-op"}
    assert {c.hardware for c in rank_both if c.system == "gpu"} == {"rtx-5090-laptop"}


def test_a_pair_without_room_says_why() -> None:
    grid = full_grid(BASE, Selection([PAIRS[2]], ["fixed:4"], ["gpu", "npu"]))
    refused, ran = run_grid(grid, [0])
    assert refused.refused is not None
    assert "does not fit" in refused.refused
    assert refused.results == ()
    assert ran.refused is None


def test_the_contents_of_a_trace_file_count(tmp_path: Path) -> None:
    from ahasd.traces.files import save
    from ahasd.traces.rollout.synthetic import synthesize

    path = tmp_path / "mine.safetensors"
    grid = [BASE.model_copy(update={"trace": str(path), "system": "npu", "algorithm": "fixed:4"})]
    speeds = []
    with Store(tmp_path / "store") as store:
        for acceptance in (0.9, 0.3):
            path.unlink(missing_ok=True)
            save(synthesize(acceptance, 0.7, positions=400, prompts=8), path)
            (cell,) = run_grid(grid, [0], Running(store))
            speeds.append(cell.results[0].tokens_per_second)
    assert speeds[0] > speeds[1]
