"""The wheel in an empty environment: it holds its data, needs no torch, and runs the demo."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]

# Neither the checkout nor the settings of this environment may leak into the empty one.
ENVIRONMENT = {
    key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))
}


def run(*command: object, cwd: Path) -> str:
    ended = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the commands of an environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    commands = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", commands / "python", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    names = {line.partition("==")[0].lower() for line in run(*pip, "freeze", cwd=folder).splitlines()}
    assert not names & {"torch", "transformers", "tokenizers", "numba", "pytest"}, names
    return commands


def test_the_wheel_holds_the_data_of_the_package(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    source = ROOT / "src"
    data = [
        path
        for suffix in ("yaml", "safetensors", "json", "py", "typed", "css")
        for path in (source / "ahasd").rglob(f"*.{suffix}")
    ]
    names = {path.relative_to(source).as_posix() for path in data}
    assert {
        "ahasd/py.typed",
        "ahasd/hardware/preset/machines/module-mac.yaml",
        "ahasd/speculation/presets/ahasd.yaml",
        "ahasd/workload/zoo/llama2-7b.yaml",
        "ahasd/traces/data/tiny-distilled-sampled.safetensors",
    } <= names
    assert names <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)
    # What is in the wheel is the package and what describes it, no test and no script.
    assert all(name.startswith(("ahasd/", "ahasd-")) for name in held)


@pytest.mark.slow
def test_the_installed_command_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    ahasd = installed / "ahasd"
    assert run(ahasd, "--version", cwd=tmp_path).startswith("ahasd ")
    run(
        ahasd, "compare", "--pair", "llama2-7b:llama2-13b", "--algorithm", "adaedl:calibrated",
        "--systems", "npu,npu-pim-async,ahasd,pim-autoregressive", "--hardware", "module-mac,rank-both",
        "--seeds", 2, "--tokens", 64, "--output", "demo", cwd=tmp_path,
    )  # fmt: skip
    with (tmp_path / "demo" / "results.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2 * 4 * 2
    assert all(float(line["tokens_per_second"]) > 0 and not line["refused"] for line in lines)
    assert (tmp_path / "demo" / "summary.md").stat().st_size > 500


def test_python_can_import_it_and_mypy_can_see_its_types(installed: Path, tmp_path: Path) -> None:
    script = (
        "import ahasd, pathlib\n"
        "assert (pathlib.Path(ahasd.__file__).parent / 'py.typed').exists()\n"
        "print(ahasd.simulate(system='npu', tokens=16).tokens)\n"
    )
    assert run(installed / "python", "-c", script, cwd=tmp_path) == "16\n"


def test_recording_says_what_to_install(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("def main():\n")
    ended = subprocess.run(
        [
            str(installed / "ahasd"), "trace", "record", "--target", "target", "--draft", "draft",
            "--prompts", "prompts.txt", "--output", "trace.safetensors",
        ],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert "pip install -c constraints.txt torch==2.13.0 -e '.[torch]'" in ended.stderr
    assert "Traceback" not in ended.stderr
