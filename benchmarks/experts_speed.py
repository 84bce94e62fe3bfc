"""Experts on disk, for real: time against products and reads of this machine, memory against what was granted.

Usage: ``python benchmarks/experts_speed.py [--folder DIR] [--gigabytes 2] [--memory 1GB] [--tokens 48]``. Makes
a large mixture (``scripts/make_large_moe.py``) in the folder unless one is there; without a folder it is made here
and removed again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from ahasd.cli.byte_sizes import byte_size
from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import Part, run_offloaded
from ahasd.decoding.experts.rates import measure_rates
from ahasd.decoding.recording.settings import RecordSettings

MAKE = Path(__file__).parent.parent / "scripts" / "make_large_moe.py"
PROMPT = list(range(300, 330))

#: Rounds of measurements; of each figure the median counts, since the machine may have other work.
ROUNDS = 3


def continued(folder: Path, settings: OffloadSettings, tokens: int) -> tuple[Part, OffloadedModel]:
    """Write some tokens; what the second text took, the first having warmed everything up."""
    with OffloadedModel(folder, settings) as model:
        run_offloaded(model, PROMPT[:4], RecordSettings("sampled", tokens_per_prompt=8, seed=1))
        run = run_offloaded(model, PROMPT, RecordSettings("sampled", tokens_per_prompt=tokens, seed=2))
        return run.continuation, model


def median(values: list[float]) -> float:
    """The one in the middle."""
    return sorted(values)[len(values) // 2]


def speed(folder: Path, granted: int, tokens: int) -> None:
    """Compare a run's time with the larger of what its products and its reads take alone."""
    weights = folder / "model.safetensors"
    rates = [measure_rates(weights, 8.0, sizes=(2**19, 2**20, 2**21, 2**22)) for _ in range(ROUNDS)]
    best = median([float(rate.read_bytes) for rate in rates])
    disk = median([rate.disk[int(best)] for rate in rates])
    beside = median([rate.disk_beside for rate in rates])
    print(
        f"probe: reads of {best / 2**20:g} MiB {disk / 1e6:.0f} MB/s alone, {beside / 1e6:.0f} beside products; "
        f"products {median([rate.processor for rate in rates]) / 1e9:.2f} GB/s alone, "
        f"{median([rate.processor_beside for rate in rates]) / 1e9:.2f} beside reads"
    )
    resident, _ = continued(folder, OffloadSettings(10**12, device="cpu"), tokens)
    products = resident.seconds / resident.tokens
    print(f"all experts resident: {1e3 * products:.0f} ms a token")
    for ahead in ("none", "next-gate", "adaptive"):
        times = []
        for _ in range(ROUNDS):
            part, _ = continued(
                folder,
                OffloadSettings(granted, prefetch=ahead, piece_bytes=int(best), device="cpu"),
                tokens,
            )
            times.append(part.seconds / part.tokens)
        read = part.bytes_read / part.tokens
        reads, took = read / disk, median(times)
        bound = max(products, reads)
        print(
            f"prefetching {ahead}: {1e3 * took:.0f} ms a token ({1e3 * min(times):.0f} to {1e3 * max(times):.0f}), "
            f"{part.hit_rate:.1%} hits, {read / 1e6:.0f} MB read; products {1e3 * products:.0f} ms, reads "
            f"{1e3 * reads:.0f} ms: {took / bound:.2f} of the larger, {took / (products + reads):.2f} of the sum; "
            f"its own reads ran at {part.bytes_read / part.seconds_reading / 1e6:.0f} MB/s, waited "
            f"{part.seconds_waited / part.seconds:.0%}"
        )


def memory(folder: Path, granted: int) -> None:
    """Say in a process of its own what is resident beyond the rest of the model; see `measured`."""
    found = subprocess.run(
        [sys.executable, __file__, "--measure-memory", str(folder), str(granted)],
        check=True,
        capture_output=True,
        text=True,
    )
    figures = json.loads(found.stdout.splitlines()[-1])
    print(
        f"memory: {granted / 1e6:.0f} MB granted, {figures['buffers'] / 1e6:.0f} MB of buffers; the process grew by "
        f"{figures['grown'] / 1e6:.0f} MB at its peak, of which {figures['rest'] / 1e6:.0f} MB are the rest: "
        f"{(figures['grown'] - figures['rest']) / granted:.3f} of what was granted"
    )


def measured(folder: Path, granted: int) -> None:
    """Run in this process; its growth from before the model was loaded, in which libraries are already there."""
    torch.set_num_threads(1)
    from ahasd.decoding.tiny_moe import model_path

    def warm(where: Path, budget: int) -> int:
        with OffloadedModel(where, OffloadSettings(budget, device="cpu")) as model:
            run_offloaded(model, PROMPT, RecordSettings("sampled", tokens_per_prompt=32, seed=2))
            rest: int = sum(weight.nbytes for weight in model.model.model.parameters())
            return rest

    warm(model_path(), 10**9)
    before = _status("VmRSS")
    rest = warm(folder, granted)
    peak = _status(
        "VmHWM"
    )  # what getrusage calls the peak is at least that of the process that started this one
    with OffloadedModel(folder, OffloadSettings(granted, device="cpu")) as model:
        print(json.dumps({"grown": peak - before, "rest": rest, "buffers": model.memory.bytes}))


def _status(name: str) -> int:
    """A figure of this process, bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--measure-memory", nargs=2, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure_memory is not None:
        measured(Path(arguments.measure_memory[0]), int(arguments.measure_memory[1]))
        return
    torch.set_num_threads(1)
    granted = byte_size("--memory", arguments.memory)
    with tempfile.TemporaryDirectory(dir=".") as temporary:
        folder = arguments.folder or Path(temporary)
        if not (folder / "model.safetensors").is_file():
            subprocess.run(
                [sys.executable, MAKE, "--output", folder, "--gigabytes", str(arguments.gigabytes)],
                check=True,
            )
        speed(folder, granted, arguments.tokens)
        memory(folder, granted)


if __name__ == "__main__":
    main()
