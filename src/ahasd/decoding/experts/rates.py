"""What this machine gives to experts that lie on disk: products, reads of the disk, and both at once."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.aligned_memory import ALIGNMENT, AlignedMemory, aligned_down
from ahasd.decoding.experts.direct_file import DirectFile
from ahasd.errors import AhasdError

#: Sizes of reads that are tried: a page, and up to what experts of large models have.
READ_BYTES = (2**12, 2**15, 2**17, 2**18, 2**19, 2**20, 2**21, 2**22, 2**23)

#: A size counts as best if it is the smallest that reaches this share of the fastest (ours): larger reads only make
#: what is waited for wait behind more of what is not.
NEARLY = 0.9

#: Weights that products run over, more than any cache of a processor holds.
WEIGHT_BYTES = 2**28

#: Files to read from are at least so large, that a disk's own memory does not hold them.
LEAST_FILE_BYTES = 2**26


@dataclass(frozen=True, slots=True)
class ExpertRates:
    """Rates in bytes per second.

    Parameters
    ----------
    processor
        Weights that matrix-vector products go through, alone.
    disk
        By the size of a read, at random places, one read at a time, alone.
    read_bytes
        The best size.
    processor_beside, disk_beside
        Both while the other is at work, reads of the best size.
    direct
        Whether the reads went past the page cache; if not, the disk's rates may be those of memory.
    threads
        Of the products.
    """

    processor: float
    disk: dict[int, float]
    read_bytes: int
    processor_beside: float
    disk_beside: float
    direct: bool
    threads: int


def measure_rates(
    path: Path, seconds: float = 10.0, sizes: Sequence[int] = READ_BYTES, dtype: Any = None, threads: int = 1
) -> ExpertRates:
    """Measure them.

    Parameters
    ----------
    path
        A file on the disk in question; it is read, not written.
    seconds
        For all, about.
    sizes
        Of reads, multiples of a page.
    dtype
        Of the weights; float32 if None.
    threads
        Of torch.

    Raises
    ------
    AhasdError
        The file cannot be read, or is too small.
    """
    part = seconds / (len(sizes) + 3)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with DirectFile(path) as file:
            if file.size < LEAST_FILE_BYTES:
                raise AhasdError(
                    f"{path} has {file.size / 2**20:.0f} MiB; reads are measured on at least "
                    f"{LEAST_FILE_BYTES / 2**20:.0f} MiB, so give a larger model, or none"
                )
            products, reads = _Products(dtype or torch.float32), _Reads(file, max(sizes))
            products.run(part / 2)  # first use of memory and threads
            processor = products.run(part)
            disk = {size: reads.run(size, part) for size in sizes}
            best = best_size(disk)
            processor_beside, disk_beside = _both(products, reads, best, 1.5 * part)
            reads.close()
            return ExpertRates(processor, disk, best, processor_beside, disk_beside, file.direct, threads)
    finally:
        torch.set_num_threads(before)


def best_size(disk: dict[int, float]) -> int:
    """The smallest read that is nearly as fast as the fastest."""
    fastest = max(disk.values())
    return min(size for size, rate in disk.items() if rate >= NEARLY * fastest)


class _Products:
    """Matrix-vector products over more weights than a cache holds."""

    #: Rows and columns of a matrix: the order of those of an expert.
    SIDE = 2048

    def __init__(self, dtype: Any) -> None:
        count = max(1, WEIGHT_BYTES // (self.SIDE**2 * dtype.itemsize))
        self._matrices = torch.full((count, self.SIDE, self.SIDE), 0.01, dtype=dtype)
        self._vector = torch.ones((1, self.SIDE), dtype=dtype)

    def run(self, seconds: float) -> float:
        """Compute for so long; bytes of weights per second."""
        done, began, passed = 0, time.perf_counter(), 0.0
        with torch.inference_mode():
            while passed < seconds:
                torch.nn.functional.linear(self._vector, self._matrices[done % len(self._matrices)])
                done += 1
                passed = time.perf_counter() - began
        return float(done * self._matrices[0].nbytes / passed)


class _Reads:
    """Reads at random places of a file."""

    def __init__(self, file: DirectFile, largest: int) -> None:
        self._file, self._memory = file, AlignedMemory(largest + ALIGNMENT)
        self._draws = np.random.Generator(np.random.PCG64(0))

    def run(self, size: int, seconds: float) -> float:
        """Read for so long; bytes per second."""
        done, began = 0, time.perf_counter()
        while True:
            start = aligned_down(int(self._draws.integers(0, self._file.size - size)))
            self._file.read_into(self._memory.view, start, start + size, size)
            done += size
            passed = time.perf_counter() - began
            if passed >= seconds:
                return done / passed

    def close(self) -> None:
        self._memory.close()


def _both(products: _Products, reads: _Reads, size: int, seconds: float) -> tuple[float, float]:
    """Rates of products and reads that run at the same time."""
    found: list[float] = []
    failed: list[BaseException] = []

    def read() -> None:
        try:
            found.append(reads.run(size, seconds))
        except BaseException as error:  # raised below, where it is seen
            failed.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    processor = products.run(seconds)
    thread.join()
    if failed:
        raise failed[0]
    return processor, found[0]
