"""The command as a process: exit codes, interruption, a closed pipe."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import ahasd as package

COMMAND = [sys.executable, "-c", "from ahasd.cli import main; main()"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
TRACE = ["--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400"]


def start(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_success_and_refusal(tmp_path: Path) -> None:
    good = start(tmp_path, "run", *TRACE, "--tokens", "16")
    out, err = good.communicate()
    assert (good.returncode, err) == (0, "")
    assert "Speculation" in out
    bad = start(tmp_path, "run", *TRACE, "--system", "ahsd")
    out, err = bad.communicate()
    assert (bad.returncode, out) == (2, "")
    assert err.startswith("error: unknown system 'ahsd'. Did you mean 'ahasd'?")
    assert "Traceback" not in err


def test_heavy_libraries_stay_out() -> None:
    script = (
        "import sys; from ahasd.cli.app import app; "
        "print([name for name in ('torch', 'transformers', 'numpy', 'yaml', 'pydantic') if name in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    loaded = printed.stdout
    assert "torch" not in loaded
    assert "transformers" not in loaded
    assert "numpy" not in loaded


def test_a_plan_from_names_needs_neither_models_nor_traces(tmp_path: Path) -> None:
    script = (
        "import sys; from ahasd.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('torch', 'transformers', 'safetensors', 'ahasd.decoding', 'ahasd.simulation')"
        " if name in sys.modules])"
    )
    arguments = [
        "plan",
        "--json",
        "--device",
        "RTX 3090",
        "--target",
        "Qwen2.5-14B",
        "--draft",
        "Qwen2.5-0.5B",
    ]
    printed = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_every_process_writes_the_same_bytes(tmp_path: Path) -> None:
    command = ["compare", *TRACE, "--tokens", "16", "--systems", "npu,ahasd", "--seeds", "2", "--output"]
    for hash_seed in ("1", "2"):
        process = start(tmp_path, *command, hash_seed, PYTHONHASHSEED=hash_seed)
        process.communicate()
        assert process.returncode == 0
    for name in ("results.csv", "summary.md"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_a_terminal_without_unicode_is_no_error(tmp_path: Path) -> None:
    command = ["compare", *TRACE, "--tokens", "16", "--systems", "npu", "--seeds", "2", "--output", "out"]
    process = start(tmp_path, *command, PYTHONIOENCODING="ascii")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "Wrote out/results.csv, out/summary.md, out/ranking.json\n")
    assert " ? " in out
    assert " ± " in (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")


def test_interruption_leaves_the_earlier_result_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "results.csv").write_text("earlier\n")
    running = start(tmp_path, "compare", *TRACE, "--tokens", "4000", "--seeds", "500", "--output", "out")
    time.sleep(1.5)
    assert running.poll() is None, "the comparison was to be at work"
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "interrupted; existing results are untouched" in err
    assert [path.name for path in out.iterdir()] == ["results.csv"]
    assert (out / "results.csv").read_text() == "earlier\n"


@pytest.mark.parametrize(
    "arguments", [["list", "models"], ["hardware", "show", "module-mac"], ["run", *TRACE]]
)
def test_a_closed_pipe_is_no_error(tmp_path: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [*COMMAND, *arguments, *(["--tokens", "16"] if "run" in arguments else [])],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert ended.stderr == ""


def end(folder: Path, *arguments: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **streams,
    )


#: Commands that write and print, and what they write; ours take a second each.
WRITING = {
    "run": (
        ("run", *TRACE, "--tokens", "16"),
        {"results.json", "metrics.txt", "config.json", "details.json"},
    ),
    "compare": (
        ("compare", *TRACE, "--tokens", "16", "--systems", "npu", "--seeds", "1"),
        {"results.csv", "summary.md", "ranking.json"},
    ),
    "ablation": (
        ("ablation", *TRACE, "--tokens", "16", "--seeds", "1"),
        {"results.csv", "ablation.md", "ablation.json"},
    ),
}


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.slow
def test_what_cannot_be_printed_is_written_all_the_same(tmp_path: Path, name: str) -> None:
    arguments, files = WRITING[name]
    with open("/dev/full", "w") as full:
        ended = end(tmp_path, *arguments, "--output", "full", stdout=full)
    assert ended.returncode == 2
    *wrote, said = ended.stderr.splitlines(keepends=True)
    assert all(line.startswith("Wrote full/") for line in wrote)
    assert said == (
        "error: cannot print: No space left on device; files that were asked for (--output) have been written\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    ended = end(tmp_path, *arguments, "--output", "closed", stdout=writing)
    os.close(writing)
    assert ended.returncode == 1
    assert all(line.startswith("Wrote closed/") for line in ended.stderr.splitlines())
    for folder in ("full", "closed"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == files
        assert all(path.stat().st_size for path in (tmp_path / folder).iterdir())


def test_the_package_is_the_command(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ahasd", "--version"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"ahasd {package.__version__}\n", "")


def test_an_output_that_was_closed_before_is_said_and_no_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-c", '"$@" >&-', "bash", *COMMAND, "list", "models"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: cannot print: the output is closed")
