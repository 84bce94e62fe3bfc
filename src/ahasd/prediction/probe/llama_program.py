"""llama-batched-bench, run on a model's file."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from ahasd.errors import AhasdError
from ahasd.hardware.measured.importing.batched_bench import BatchedBench
from ahasd.hardware.measured.importing.llama_lines import stem
from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import Reading

PROGRAM = "llama-batched-bench"

#: Tokens that every sequence generates; passes that a time is the mean of (ours).
GENERATED = 16


def run_batched_bench(model: Path, widths: Sequence[int], context: int, seconds: float) -> Reading:
    """Time passes of every width with llama.cpp.

    Parameters
    ----------
    seconds
        After so long the program is stopped; what it has written by then counts.

    Raises
    ------
    AhasdError
        The program is not there, fails, or has written nothing.
    """
    program = which(PROGRAM)
    if program is None:
        raise AhasdError(
            f"{PROGRAM} is not on the PATH, and a GGUF file is measured with it; install llama.cpp, or give a folder "
            "of a model for transformers"
        )
    cells = max(widths) * (context + GENERATED)
    command = [program, "-m", str(model), "-c", str(cells), "-npp", str(context), "-ntg", str(GENERATED)]
    command += ["-npl", ",".join(map(str, sorted(widths))), "--output-format", "jsonl"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        written = (
            error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else error.stdout or ""
        )
        whole = written[: written.rfind("\n") + 1]  # the last line was being written
        if '"t_tg"' not in whole:
            raise AhasdError(
                f"{PROGRAM} wrote no time within {seconds:.0f} s; give it longer (--seconds) or fewer --widths"
            ) from error
        return _read(whole, model)
    if run.returncode != 0:
        said = run.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise AhasdError(f"{PROGRAM} ended with {run.returncode}: {said[0]}")
    return _read(run.stdout, model)


def _read(text: str, model: Path) -> Reading:
    log = LogText(PROGRAM, text)
    if not BatchedBench().recognises(log):
        raise AhasdError(
            f"{PROGRAM} wrote no line of times; is it of a version without --output-format jsonl?"
        )
    return BatchedBench().read(log).named(stem(str(model)), "")
