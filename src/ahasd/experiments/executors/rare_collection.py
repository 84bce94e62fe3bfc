"""Cycles of garbage, looked for less often while runs are made one after the other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects after which Python looks for cycles (ours): a run makes some ten thousand, nearly all of which it keeps
#: to its end, and the interpreter's own 700 have it go through them again and again. Costs some 10 MB of memory.
OBJECTS = 50_000


@contextmanager
def rare_collection() -> Iterator[None]:
    """Have Python look for cycles of garbage after more new objects; afterwards it is as before."""
    before = gc.get_threshold()
    if 0 < before[0] < OBJECTS:  # 0: the user has switched it off
        gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
