"""How many processors there are to work on, and whether others work on them."""

import os


def usable_processors() -> int:
    """Give how many processors this process may use, at least 1."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def load_per_processor() -> float | None:
    """Processes that wanted to run in the last minute, for each processor; None where the system does not tell."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return None
