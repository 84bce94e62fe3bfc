"""Whole programs with a decoder: what their processes import, draw and leave behind, however they end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.slow  # every program takes seconds to start
PROGRAM = Path(__file__).with_name("program.py")
SECONDS_TO_END = 10


@pytest.fixture
def start():
    """Starts the program; gives it, and what it has said of its workers."""
    started = []

    def start(mode):
        process = subprocess.Popen(
            [sys.executable, PROGRAM, mode],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, json.loads(line)

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def assert_nothing_is_left(said):
    """Neither the workers nor their memory, after a while."""
    assert said["files"]
    end = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < end:
        workers = [pid for pid in said["workers"] if is_alive(pid)]
        files = [file for file in said["files"] if Path(file).exists()]
        if not workers and not files:
            return
        time.sleep(0.05)
    raise AssertionError(f"left over: workers {workers}, memory {files}")


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@needs_proc
@pytest.mark.parametrize("how", ["forgotten", "interrupted", "killed"])
def test_nothing_is_left_when_the_program_ends(how, start):
    process, said = start(how)
    if how == "interrupted":
        os.killpg(process.pid, signal.SIGINT)
    if how == "killed":
        process.kill()
        process.wait()
    else:
        _, errors = process.communicate(timeout=20)
        assert ("KeyboardInterrupt" in errors) == (how == "interrupted"), errors
        assert "leaked" not in errors
    assert_nothing_is_left(said)


@needs_proc
def test_workers_of_a_lean_model_never_import_transformers(start):
    process, said = start("closed")
    output, errors = process.communicate(timeout=20)
    # Both write at once, so one line may begin before the other has ended.
    assert sorted(re.findall("True|False", output)) == ["False", "False"], errors
    assert_nothing_is_left(said)


@needs_proc
def test_a_worker_that_runs_out_of_memory_says_so(start):
    process, said = start("out of memory")
    output, errors = process.communicate(timeout=20)
    assert "the draft's process ran out of memory" in output, errors
    assert "tried to allocate 2.00 GiB" in output
    assert_nothing_is_left(said)


def chi_square(counts, expected):
    """P-value of counts against probabilities, all of them likely enough."""
    expected = expected * counts.sum()
    assert expected.min() > 5
    statistic = ((counts - expected) ** 2 / expected).sum()
    degrees = torch.tensor((counts.size - 1) / 2.0, dtype=torch.double)
    return float(torch.special.gammaincc(degrees, torch.tensor(statistic / 2, dtype=torch.double)))


@pytest.mark.parametrize("rule", ["sampled", "resampled"])
def test_first_and_second_tokens_are_distributed_as_the_targets(rule, start):
    """And are not, if a rejected token is replaced from the target's distribution instead of the residual."""
    _, said = start(rule)
    counts, expected = np.array(said["counts"]), np.array(said["expected"])
    assert counts.sum() >= 2000
    assert said["accepted"] > 1000
    values = chi_square(counts.sum(axis=1), expected.sum(axis=1)), chi_square(counts, expected)
    if rule == "sampled":
        assert min(values) > 1e-3
    else:
        assert max(values) < 1e-4
