"""How many processors there are to work on."""

import os


def usable_processors() -> int:
    """Give how many processors this process may use, at least 1."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1
