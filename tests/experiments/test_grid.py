"""Many configurations over seeds: equal to single runs, on one process or two, whole or in pieces."""

import re
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError
from ahasd.experiments.cell import Cell
from ahasd.experiments.checkpoint import Checkpoint
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.shelf import Shelf
from ahasd.experiments.worker_pool import run_on_workers
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import build_machine
from ahasd.systems.families import load_system, system_names
from ahasd.systems.suites import CALIBRATED_ALGORITHMS, PAIRS

TRACE = "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8"
BASE = RunConfiguration(trace=TRACE, tokens=24, pair=PAIRS[0])
#: A policy that is asked, one that is not, a draft of its own hardware, no draft, and no room.
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
            cell = shelf.run(resolve(asked), [1])
            alone = simulate(**asked.model_dump(exclude_none=True, exclude={"seed"}), seed=1)
            searched = {"speculation": {"break_even_acceptance", "always_pays"}, "verdict": {"sentence"}}
            assert cell.results[0].model_dump(exclude=searched) == alone.model_dump(exclude=searched)


def test_two_processes_and_a_checkpoint_change_nothing(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    here = run_grid(GRID, [0, 1])
    file = tmp_path / "checkpoint.jsonl"
    there = run_grid(
        GRID, [0, 1], workers=2, checkpoint=file, progress=lambda done, total: calls.append((done, total))
    )
    assert here == there
    assert calls == [(2 * done, 14) for done in range(8)]
    assert run_grid(GRID, [0, 1], checkpoint=file) == here


def test_no_cell_is_left_out_or_run_twice() -> None:
    grid = [
        BASE.model_copy(update={"system": "npu", "algorithm": f"fixed:{length}"}) for length in range(1, 8)
    ]
    groups = [[0], [1, 2, 3, 4], [6], [5]]
    finished = [index for index, _ in run_on_workers(grid, groups, [0], False, workers=3)]
    assert sorted(finished) == list(range(7))


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


def test_a_torn_line_is_run_again(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.jsonl"
    whole = run_grid(GRID, [0], checkpoint=file)
    lines = file.read_bytes().splitlines(keepends=True)
    calls: list[tuple[int, int]] = []
    for kept in (b"".join(lines[:3]), b"".join(lines[:3]) + lines[3][:50], lines[0][:9], b""):
        file.write_bytes(kept)
        calls.clear()
        found = run_grid(GRID, [0], checkpoint=file, progress=lambda *call: calls.append(call))
        assert found == whole
        assert calls[0] == (max(0, kept.count(b"\n") - 1), 7)
        assert sorted(file.read_bytes().splitlines()) == sorted(b"".join(lines).splitlines())


def test_a_line_ends_where_it_was_ended_whatever_is_in_it(tmp_path: Path) -> None:
    cell = Cell("pair", "system", "of\u2028two\x85parts", (), "too large", "fixed:1")
    Checkpoint(tmp_path / "cells", "key").add(3, cell)
    assert Checkpoint(tmp_path / "cells", "key").cells == {3: cell}


@pytest.mark.parametrize(
    "other",
    [
        {"tokens": 25},
        {"trace": "synthetic:acceptance=0.7,auc=0.7,positions=400,prompts=8"},
        {"set": ("npu.clock_ghz=2",)},
    ],
)
def test_another_grids_checkpoint_is_refused(tmp_path: Path, other: dict[str, object]) -> None:
    file = tmp_path / "checkpoint.jsonl"
    run_grid(GRID[:1], [0], checkpoint=file)
    before = file.read_bytes()
    with pytest.raises(AhasdError, match="another configuration"):
        run_grid([GRID[0].model_copy(update=other)], [0], checkpoint=file)
    with pytest.raises(AhasdError, match="another configuration"):
        run_grid(GRID[:1], [0, 1], checkpoint=file)
    assert file.read_bytes() == before


def test_the_contents_of_a_hardware_file_count(tmp_path: Path) -> None:
    from ahasd.hardware.preset.preset import load_preset

    hardware, file = tmp_path / "mine.yaml", tmp_path / "checkpoint.jsonl"
    text = load_preset("module-mac").to_yaml()
    hardware.write_text(text)
    grid = [BASE.model_copy(update={"hardware": str(hardware), "system": "npu"})]
    run_grid(grid, [0], checkpoint=file)
    hardware.write_text(text.replace("value: 0.92", "value: 0.5"))
    with pytest.raises(AhasdError, match="another configuration"):
        run_grid(grid, [0], checkpoint=file)


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.jsonl"
    file.write_text("results\n")
    with pytest.raises(AhasdError, match="not one of ours"):
        Checkpoint(file, "key")
    with pytest.raises(AhasdError, match="directory"):
        Checkpoint(tmp_path, "key")


@pytest.mark.parametrize(
    "wrong", [{"system": "ahsd"}, {"algorithm": "svipp"}, {"hardware": "x"}, {"pair": "a:b"}]
)
def test_a_wrong_name_is_an_error_before_anything_runs(wrong: dict[str, str], tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    with pytest.raises(AhasdError, match="unknown"):
        run_grid(
            [*GRID, BASE.model_copy(update=wrong)],
            [0],
            checkpoint=tmp_path / "c",
            progress=lambda *call: calls.append(call),
        )
    assert calls == []
    assert not (tmp_path / "c").exists()


def test_the_full_grid_has_every_system_on_a_machine_that_suits_it() -> None:
    grid = full_grid(RunConfiguration(), Selection())
    alone = [name for name in system_names() if load_system(name).schedule == "autoregressive"]
    assert len(grid) == len(PAIRS) * (
        len(CALIBRATED_ALGORITHMS) * (len(system_names()) - len(alone)) + len(alone)
    )
    places = {(c.system, c.hardware) for c in grid}
    assert {("ahasd", "module-mac"), ("gpu", "rtx-5090-laptop"), ("specpim", "specpim-hbm")} <= places
    assert {system for system, _ in places} == set(system_names())
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


def cells_file(tmp_path: Path) -> Path:
    run_grid(GRID[:2], [0, 1], checkpoint=tmp_path / "checkpoint.jsonl")
    return tmp_path / "checkpoint.jsonl"


def test_an_altered_value_is_not_taken_up(tmp_path: Path) -> None:
    file = cells_file(tmp_path)
    text = file.read_text(encoding="utf-8")
    places = [found.start() for found in re.finditer(r"(?<=: )[1-9]\d*\.\d", text)]
    assert len(places) > 50
    for place in places[:: len(places) // 20]:
        digit = "1" if text[place] != "1" else "2"
        file.write_text(text[:place] + digit + text[place + 1 :], encoding="utf-8")
        with pytest.raises(AhasdError, match=r"checkpoint.jsonl', line \d: altered since it was written"):
            run_grid(GRID[:2], [0, 1], checkpoint=file)
    file.write_text(text, encoding="utf-8")
    run_grid(GRID[:2], [0, 1], checkpoint=file)


def test_any_damage_is_an_error_or_runs_again_what_is_missing(tmp_path: Path) -> None:
    file = cells_file(tmp_path)
    content, whole = file.read_bytes(), run_grid(GRID[:2], [0, 1], checkpoint=file)
    random = Random(0)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(random.choice((1, 5))):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        file.write_bytes(damaged[: random.randrange(len(damaged))] if random.random() < 0.3 else damaged)
        try:
            assert run_grid(GRID[:2], [0, 1], checkpoint=file) == whole
        except AhasdError as error:
            assert "checkpoint.jsonl" in str(error)  # noqa: PT017  # else the cells are those of before


def test_lines_of_another_kind_are_no_cells(tmp_path: Path) -> None:
    file = cells_file(tmp_path)
    head = file.read_bytes().splitlines(keepends=True)[0]
    for line in (b"[]", b"3", b"null", b'{"cell": {}}', b'{"cell": [], "sha256": ""}', b"[" * 100_000):
        file.write_bytes(head + line + b"\n")
        with pytest.raises(AhasdError, match=r"checkpoint\.jsonl"):
            run_grid(GRID[:2], [0, 1], checkpoint=file)


def test_a_link_in_the_place_of_a_checkpoint_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"")
    (tmp_path / "cells").symlink_to(tmp_path / "victim")
    with pytest.raises(AhasdError, match="symbolic links"):
        Checkpoint(tmp_path / "cells", "key")
    assert (tmp_path / "victim").read_bytes() == b""


def test_two_processes_do_not_write_into_one_checkpoint(tmp_path: Path) -> None:
    file = cells_file(tmp_path)
    script = (
        "import sys, time; from pathlib import Path; from ahasd.experiments.checkpoint import Checkpoint\n"
        "held = Checkpoint(Path(sys.argv[1]), 'key'); print('held', flush=True); time.sleep(60)"
    )
    file.unlink()
    holder = subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AhasdError, match="is in use: another process works on it"):
            Checkpoint(file, "key")
    finally:
        holder.kill()
        holder.communicate()
    assert Checkpoint(file, "key").cells == {}
