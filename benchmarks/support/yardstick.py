"""A fixed piece of plain Python, so that times of different machines can be told apart from slow code."""

from heapq import heappop, heappush
from statistics import median
from time import process_time

ITEMS = 100_000


def yardstick_s(repeats: int = 5) -> float:
    """CPU seconds for pushing and popping a fixed sequence of 100,000 numbers on a heap, median of several."""
    return median(_once() for _ in range(repeats))


def _once() -> float:
    heap: list[int] = []
    state = 1
    began = process_time()
    for _ in range(ITEMS):
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        heappush(heap, state)
    while heap:
        heappop(heap)
    return process_time() - began
