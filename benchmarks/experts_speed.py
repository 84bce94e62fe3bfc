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
from dataclasses import dataclass
from pathlib import Path

import torch

from ahasd.cli.byte_sizes import byte_size
from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import Part, run_offloaded
from ahasd.decoding.experts.rates import measure_rates
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.experts.layer_schedule.contention import least_seconds

MAKE = Path(__file__).parent.parent / "scripts" / "make_large_moe.py"
PROMPT = list(range(300, 330))

#: Rounds of measurements, of whose ratios the median counts.
ROUNDS = 3

AHEAD = ("none", "next-gate", "adaptive")


def continued(folder: Path, settings: OffloadSettings, tokens: int) -> Part:
    """Write some tokens; what the second text took, the first having warmed everything up."""
    with OffloadedModel(folder, settings) as model:
        run_offloaded(model, PROMPT[:4], RecordSettings("sampled", tokens_per_prompt=8, seed=1))
        run = run_offloaded(model, PROMPT, RecordSettings("sampled", tokens_per_prompt=tokens, seed=2))
        return run.continuation


def median(values: list[float]) -> float:
    """The one in the middle."""
    return sorted(values)[len(values) // 2]


@dataclass(frozen=True, slots=True)
class Moment:
    """A run beside what the probe and the run with all experts resident had just before.

    Attributes
    ----------
    seconds, products, reads, least
        Of a token: the run's, of everything but reads, of its reads at the probe's rate, and the least for both.
    """

    part: Part
    seconds: float
    products: float
    reads: float
    least: float

    @property
    def ratio(self) -> float:
        """Of the least."""
        return self.seconds / self.least


def moments(folder: Path, granted: int, tokens: int) -> dict[str, list[Moment]]:
    """Measure rates, the run with all experts resident and the others one after the other, some times over.

    The least: both at their joint rates until one is done, the rest at its rate alone. Everything of a round is
    measured within a minute, since the machine may have other work.
    """
    found: dict[str, list[Moment]] = {ahead: [] for ahead in AHEAD}
    for _ in range(ROUNDS):
        rates = measure_rates(folder / "model.safetensors", 6.0, sizes=(2**19, 2**20, 2**21, 2**22))
        disk, beside = rates.disk[rates.read_bytes], rates.disk_beside
        print(
            f"probe: reads of {rates.read_bytes / 2**20:g} MiB {disk / 1e6:.0f} MB/s alone, {beside / 1e6:.0f} "
            f"beside products; products {rates.processor / 1e9:.2f} GB/s alone, "
            f"{rates.processor_beside / 1e9:.2f} beside reads",
            flush=True,
        )
        resident = continued(folder, OffloadSettings(10**12, device="cpu"), tokens)
        products = resident.seconds / resident.tokens
        for ahead in AHEAD:
            settings = OffloadSettings(granted, prefetch=ahead, piece_bytes=rates.read_bytes, device="cpu")
            part = continued(folder, settings, tokens)
            reads = part.bytes_read / part.tokens / disk
            together = min(1.0, rates.processor_beside / rates.processor), min(1.0, beside / disk)
            least = least_seconds(products, reads, *together)
            found[ahead].append(Moment(part, part.seconds / part.tokens, products, reads, least))
    return found


def speed(folder: Path, granted: int, tokens: int) -> None:
    """Compare a run's time with the least that its products and its reads take at the probe's rates."""
    for ahead, rounds in moments(folder, granted, tokens).items():
        ratios = sorted(one.ratio for one in rounds)
        one = next(one for one in rounds if one.ratio == median(ratios))
        print(
            f"prefetching {ahead}: {median(ratios):.2f} of the least (target 1.1; {ratios[0]:.2f} to "
            f"{ratios[-1]:.2f}); {1e3 * one.seconds:.0f} ms a token, {one.part.hit_rate:.1%} hits, "
            f"{one.part.bytes_read / one.part.tokens / 1e6:.0f} MB read; products {1e3 * one.products:.0f} ms, reads "
            f"{1e3 * one.reads:.0f} ms, both {1e3 * one.least:.0f} ms at least; "
            f"{one.seconds / max(one.products, one.reads):.2f} of the larger; its own reads ran at "
            f"{one.part.bytes_read / one.part.seconds_reading / 1e6:.0f} MB/s, waited "
            f"{one.part.seconds_waited / one.part.seconds:.0%}"
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
