"""The command that AHASD's public repository prints runs here, and is the ``ahasd run`` that it says it is."""

import importlib.util
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ahasd as package
from ahasd.errors import AhasdError
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.systems.families import load_system
from ahasd.workload.pair import load_pair

SCRIPT = Path(__file__).parent.parent / "scripts" / "run_single_config.py"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
REQUIRED = ["--model", "llama2-7b-llama2-13b", "--algorithm", "adaedl", "--output", "out"]
AS_PRINTED = [*REQUIRED[:4], "--enable-edc", "--enable-tvc", "--enable-aau", "--output", "./results/demo"]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_single_config", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def options_of(script: ModuleType, *flags: str) -> dict[str, list[str]]:
    """Return {option of ``ahasd run``: its values}."""
    name, *words = script.run_arguments(script.parse([*REQUIRED, *flags]))
    assert name == "run"
    found: dict[str, list[str]] = {}
    for option, value in zip(words[::2], words[1::2], strict=True):
        found.setdefault(option, []).append(value)
    return found


def test_the_printed_command_writes_metrics_and_equals_the_command_it_names(tmp_path: Path) -> None:
    flags = ["--gen-length", "16", "--npu-freq", "1100", "--num-pim-ranks", "8", "--max-draft-length", "5"]
    ending = run(tmp_path, str(SCRIPT), *AS_PRINTED, *flags, "--enable-trace")
    assert ending.returncode == 0, ending.stderr
    written = tmp_path / "results" / "demo"
    metrics = (written / "metrics.txt").read_text(encoding="utf-8")
    assert "tokens                   16\n" in metrics
    assert metrics.splitlines()[0] in " ".join(ending.stdout.split())  # the sentence, in lines of a terminal
    assert json.loads((written / "timeline.json").read_text(encoding="utf-8"))["traceEvents"]
    label, named = ending.stdout.splitlines()[0].split(" ", 1)
    assert label == "Equivalent:"
    first, *words = shlex.split(named)
    assert first == "ahasd"
    results = (written / "results.json").read_bytes()
    words[words.index("--output") + 1] = "again"
    again = run(tmp_path, "-c", "from ahasd.cli import main; main()", *words)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again" / "results.json").read_bytes() == results


@pytest.mark.slow
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    for flags, said in (
        (["--num-pim-ranks", "6"], "--num-pim-ranks 6: module-mac spreads them over 4 channels"),
        (["--npu-freq", "0"], "npu.clock_ghz is '0'; must be above 0"),
        (["--max-draft-length", "0"], "maximum=0 is out of range"),
    ):
        ending = run(tmp_path, str(SCRIPT), *REQUIRED, *flags)
        assert ending.returncode == 2
        assert ending.stderr.startswith("error: ")
        assert ending.stderr.count("\n") == 1
        assert said in ending.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("aau", [False, True])
@pytest.mark.parametrize("edc", [False, True])
@pytest.mark.parametrize("tvc", [False, True])
def test_the_features_are_those_of_the_system_that_runs(
    script: ModuleType, aau: bool, edc: bool, tvc: bool
) -> None:
    wanted = {"aau": aau, "edc": edc, "tvc": tvc}
    found = options_of(script, *(f"--enable-{name}" for name, on in wanted.items() if on))
    configuration = RunConfiguration(system=found["--system"][0], set=tuple(found.get("--set", ())))
    system = resolve(configuration).system
    assert wanted == {name: getattr(system, name) for name in wanted}
    assert system.schedule == "asynchronous"
    assert [part for part in wanted if f"+{part}" in system.name.replace("ahasd", "+aau+edc+tvc")] == [
        name for name, on in wanted.items() if on
    ]
    # Apart from its words a preset is used as it is.
    plain = load_system("npu-pim-async").model_dump(exclude={"name", "description"})
    assert system.model_dump(exclude={"name", "description"}) == plain | wanted


def test_clocks_and_ranks_scale_what_depends_on_them(script: ModuleType) -> None:
    default = resolve(RunConfiguration()).preset.hardware
    assert "--set" not in options_of(script)
    found = options_of(script, "--npu-freq", "1500", "--pim-freq", "1200", "--num-pim-ranks", "8")
    hardware = resolve(RunConfiguration(set=tuple(found["--set"]))).preset.hardware
    assert (hardware.npu.clock_ghz, hardware.npu.vector_tops) == pytest.approx((1.5, 12.3))
    assert hardware.memory.ranks == 8
    assert hardware.pim is not None
    assert default.pim is not None
    assert hardware.pim.clock_ghz == pytest.approx(1.2)
    # Half the ranks at one and a half times the clock; the arrays' bandwidth does not follow the clock.
    assert hardware.pim.gmac_per_second == pytest.approx(default.pim.gmac_per_second * 0.75)
    assert hardware.pim.gb_per_second == pytest.approx(default.pim.gb_per_second / 2)


@pytest.mark.parametrize(
    "flags",
    [["--npu-freq", "1000"], ["--pim-freq", "800"], ["--num-pim-ranks", "16"], ["--gen-length", "1024"]],
)
def test_the_defaults_of_the_authors_script_are_those_of_ours(script: ModuleType, flags: list[str]) -> None:
    found = options_of(script, *flags)
    tokens = int(found.get("--tokens", ["1024"])[0])
    given = resolve(RunConfiguration(set=tuple(found.get("--set", ())), tokens=tokens))
    assert given.preset.hardware == resolve(RunConfiguration()).preset.hardware
    assert given.configuration.tokens == RunConfiguration().tokens


@pytest.mark.parametrize(
    ("model", "pair"),
    [
        ("opt-1.3b-opt-6.7b", "opt-1.3b:opt-6.7b"),
        ("llama2-7b-llama2-13b", "llama2-7b:llama2-13b"),
        ("palm-8b-palm-30b", "palm-like-8b:palm-like-30b"),
        ("palm-8b-palm-62b", "palm-like-8b:palm-like-62b"),
        ("sheared-llama-1.3b-llama2-7b", "sheared-llama-1.3b:llama2-7b"),
    ],
)
def test_pairs_are_parted_at_the_right_hyphen(script: ModuleType, model: str, pair: str) -> None:
    assert script.pair(model) == pair
    assert load_pair(pair).name == pair


@pytest.mark.parametrize("model", ["", "llama2-7b", "llama2-7b-13b", "-", "llama2-7b-llama2-14b"])
def test_what_is_no_pair_is_refused(script: ModuleType, model: str) -> None:
    with pytest.raises(AhasdError, match="expected DRAFT-TARGET, such as llama2-7b-llama2-13b"):
        script.pair(model)


@pytest.mark.parametrize(
    ("given", "longest", "name"),
    [
        ("adaedl", None, "adaedl"),
        ("adaedl", 8, "adaedl:maximum=8"),
        ("svip", 8, "svip:maximum=8"),
        ("specdec", None, "specdecpp"),
        ("specdec++", 8, "specdecpp:maximum=8"),
        ("banditspec", 8, "banditspec-ucb:arms=8"),
        ("adaedl:calibrated=4", 8, "adaedl:calibrated=4,maximum=8"),
        ("fixed:4", None, "fixed:4"),
    ],
)
def test_algorithms_go_by_their_names_here(
    script: ModuleType, given: str, longest: int | None, name: str
) -> None:
    assert script.algorithm(given, longest) == name


def test_an_unknown_algorithm_is_refused(script: ModuleType) -> None:
    with pytest.raises(AhasdError, match=r"unknown algorithm 'adaedle'\. Did you mean 'adaedl'\?"):
        script.algorithm("adaedle", 4)
