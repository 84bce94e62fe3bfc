"""A decoder that serves for long holds no more than one that has just begun."""

import os
import sys
from pathlib import Path
from typing import get_args

import pytest

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.speculative_decoder import Method

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="counts what /proc says"),
]

REQUESTS, FIRST = 500, 100

#: What the allocator may keep more behind 500 requests than behind 100 (MB, all processes); a leak of one cache
#: of the tiny target a request would be 60.
MEGABYTES = 12.0


def processes():
    """This process and its children's, theirs included."""
    found, waiting = [], [os.getpid()]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def megabytes():
    """Memory of all processes, that which they share counted once (PSS)."""
    lines = [
        line
        for process in processes()
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    ]
    return sum(int(line.split()[1]) for line in lines) / 1e3


def holdings():
    """Descriptors of every process, processes, and what lies in shared memory, semaphores included."""
    descriptors = [len(list(Path(f"/proc/{process}/fd").iterdir())) for process in processes()]
    maps = Path(f"/proc/{os.getpid()}/maps").read_text().count("/dev/shm")
    return descriptors, maps


@pytest.mark.parametrize("method", get_args(Method))
def test_five_hundred_requests_leave_nothing_behind(method):
    with SpeculativeDecoder(method=method, threads=1 if method == "async" else None) as decoder:
        held = []
        for request in range(1, REQUESTS + 1):
            prompt = [5 + request % 40, 6, 7] * (1 + request % 3)
            out = decoder.generate(prompt, max_new_tokens=6, do_sample=request % 2 == 0, seed=request)
            assert out.metrics.tokens > 0
            if request in (FIRST, REQUESTS):
                held.append((holdings(), megabytes()))
    (before, memory_before), (after, memory_after) = held
    assert after == before
    assert memory_after - memory_before < MEGABYTES
