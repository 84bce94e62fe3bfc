"""What a machine gives to experts that lie on disk."""

from typing import TYPE_CHECKING, Any

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, right
from ahasd.report.text import paragraphs

if TYPE_CHECKING:
    from ahasd.decoding.experts.rates import ExpertRates


def rates_text(found: "ExpertRates") -> str:
    """The answer first, then reads by size."""
    rows = [(_size(size), f"{rate / 1e6:.0f}") for size, rate in found.disk.items()]
    table = Table(
        right("read", "MB/s"),
        rows,
        "Reads at random places, one at a time, nothing else at work:",
        _notes(found),
    )
    disk = found.disk[found.read_bytes]
    threads = "1 thread" if found.threads == 1 else f"{found.threads} threads"
    said = (
        f"Products go through {found.processor / 1e9:.2f} GB/s of weights ({threads}), reads of "
        f"{_size(found.read_bytes)} bring {disk / 1e9:.2f} GB/s. At the same time: "
        f"{found.processor_beside / 1e9:.2f} and {found.disk_beside / 1e9:.2f} GB/s "
        f"({found.processor_beside / found.processor:.0%} and "
        f"{found.disk_beside / disk:.0%})."
    )
    advice = (
        f"Give --read-size {_size(found.read_bytes)} to `ahasd moe run`, or --probe with the file that --output "
        "writes: it then also says the least time that this machine allows."
    )
    return "\n".join([*paragraphs([said, advice]), "", fitted(table)])


def _notes(found: "ExpertRates") -> list[str]:
    if found.direct:
        return []
    return [
        "The file system has no reads past the page cache: these may be the speed of memory, not of the disk."
    ]


def _size(size: int) -> str:
    return f"{size // 2**20}MiB" if size >= 2**20 else f"{size // 2**10}KiB"


def rates_json(found: "ExpertRates") -> dict[str, Any]:
    """Everything, for programs; rates in bytes per second."""
    return {
        "processor_bytes_per_second": found.processor,
        "disk_bytes_per_second": {str(size): rate for size, rate in found.disk.items()},
        "read_bytes": found.read_bytes,
        "processor_beside_disk_bytes_per_second": found.processor_beside,
        "disk_beside_processor_bytes_per_second": found.disk_beside,
        "past_the_page_cache": found.direct,
        "threads": found.threads,
    }
