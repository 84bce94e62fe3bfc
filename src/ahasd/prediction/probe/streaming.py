"""What streaming from memory reaches."""

from time import perf_counter

from ahasd.decoding.backend import torch

#: Passes over the data; the best counts, as in the STREAM benchmark (McCalpin 1995).
PASSES = 7


def streaming_bandwidth(megabytes: int, device: str) -> float:
    """Bytes per second that a sum over an array reads, the best of some passes.

    Parameters
    ----------
    megabytes
        2^20 bytes; several times the caches.
    """
    data = torch.ones(megabytes * 2**20 // 4, device=device, dtype=torch.float32)
    best = float("inf")
    for _ in range(PASSES):
        began = perf_counter()
        float(data.sum())  # which waits for the result
        best = min(best, perf_counter() - began)
    return float(data.numel()) * 4 / best
