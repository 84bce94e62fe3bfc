"""Memory of a process and all that it started (Linux)."""

import os
from pathlib import Path


def process_tree(root: int | None = None) -> list[int]:
    """Give a process, this one by default, and its children, theirs included."""
    found, waiting = [], [os.getpid() if root is None else root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def tree_megabytes() -> float:
    """Memory of this process and all under it, MB; what they share counts once (PSS)."""
    total = 0
    for process in process_tree():
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total * 1024 / 1e6
